/**
 * Plays a recording of a run: some seconds of it are asked for at a time and queued in the sound
 * card's own time, so that nothing waits for a whole file. Where it stands is the only truth; who
 * shows it reads `position`.
 */
import { recordingPart } from '$lib/api/client';
import { HEAD_BYTES, mix, readWav, type WavLayout } from './wav';

/** Of one part, and how long before its end the next one is asked for. */
const PART_MS = 10_000;
const AHEAD_S = 4;

/** How long the system may take to open its way to the loudspeakers. */
const OPENS_MS = 10_000;

/** The recording came, and is none that can be played. */
export class NotPlayable extends Error {}

/** The webview has no way to the loudspeakers. */
export class NoSound extends Error {}

/** Where nothing can be heard the webview says so, or never answers. */
async function open(context: AudioContext): Promise<void> {
  const late = new Promise((resolve) => setTimeout(resolve, OPENS_MS));
  await Promise.race([context.resume(), late]);
  if (context.state !== 'running') throw new NoSound();
}

export class Player {
  /** In milliseconds from the recording's beginning. */
  position = $state(0);
  playing = $state(false);
  /** Play was asked for, and nothing is heard yet. */
  waiting = $state(false);
  error = $state.raw<unknown>(null);
  #context: AudioContext | null = null;
  #layout: WavLayout | null = null;
  /** Grows with every start, so that what was begun before stops by itself. */
  #turn = 0;
  #queued: AudioBufferSourceNode[] = [];
  #frame = 0;

  constructor(
    readonly instanceId: string,
    readonly runId: number,
    readonly durationMs: number,
  ) {}

  toggle(): void {
    if (this.playing) this.pause();
    else void this.play();
  }

  pause(): void {
    this.#turn++;
    this.playing = false;
    this.waiting = false;
    cancelAnimationFrame(this.#frame);
    for (const source of this.#queued) source.stop();
    this.#queued = [];
  }

  /** Goes on from there, or stays there where nothing is played. */
  seek(ms: number): void {
    const goesOn = this.playing;
    if (goesOn) this.pause();
    this.position = Math.max(0, Math.min(this.durationMs, ms));
    if (goesOn) void this.play();
  }

  async play(): Promise<void> {
    const turn = ++this.#turn;
    this.playing = true;
    this.waiting = true;
    this.error = null;
    if (this.position >= this.durationMs) this.position = 0;
    try {
      await this.#queue(turn);
    } catch (error) {
      if (turn !== this.#turn) return;
      this.pause();
      this.error = error;
    }
  }

  close(): void {
    this.pause();
    void this.#context?.close();
    this.#context = null;
  }

  async #queue(turn: number): Promise<void> {
    if (!('AudioContext' in window)) throw new NoSound();
    const context = (this.#context ??= new AudioContext());
    const [layout] = await Promise.all([this.#read(), open(context)]);
    if (turn !== this.#turn) return;
    const from = this.position;
    const frameOf = (ms: number): number => Math.min(layout.frames, Math.floor((ms * layout.rate) / 1000));
    let next = frameOf(from);
    /** When the part that is queued last ends, in the card's time. */
    let until: number | null = null;
    while (next < layout.frames) {
      const to = Math.min(layout.frames, next + frameOf(PART_MS));
      const bytes = await this.#bytes(layout, next, to);
      if (turn !== this.#turn) return;
      const starts: number = Math.max(until ?? 0, context.currentTime);
      if (until === null) this.#follow(turn, context, starts, from);
      const source = this.#sound(context, layout, bytes);
      source.start(starts);
      until = starts + (to - next) / layout.rate;
      next = to;
      this.waiting = false;
      if (next < layout.frames) await this.#near(turn, context, until - AHEAD_S);
      if (turn !== this.#turn) return;
    }
  }

  #sound(context: AudioContext, layout: WavLayout, bytes: Uint8Array): AudioBufferSourceNode {
    const samples = mix(bytes, layout.tracks);
    const buffer = context.createBuffer(1, Math.max(1, samples.length), layout.rate);
    buffer.copyToChannel(samples, 0);
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    source.addEventListener('ended', () => {
      this.#queued = this.#queued.filter((queued) => queued !== source);
    });
    this.#queued.push(source);
    return source;
  }

  /** Moves the position with the card's time, which began to play at `starts`. */
  #follow(turn: number, context: AudioContext, starts: number, from: number): void {
    const step = (): void => {
      if (turn !== this.#turn) return;
      const played = Math.max(0, context.currentTime - starts) * 1000;
      this.position = Math.min(this.durationMs, from + played);
      if (this.position >= this.durationMs) this.pause();
      else this.#frame = requestAnimationFrame(step);
    };
    this.#frame = requestAnimationFrame(step);
  }

  /** Waits until the card's time has come so far. */
  async #near(turn: number, context: AudioContext, time: number): Promise<void> {
    while (turn === this.#turn && context.currentTime < time) {
      const left = (time - context.currentTime) * 1000;
      await new Promise((resolve) => setTimeout(resolve, Math.min(500, left)));
    }
  }

  async #read(): Promise<WavLayout> {
    if (this.#layout) return this.#layout;
    const head = await recordingPart(this.instanceId, this.runId, 0, HEAD_BYTES);
    const layout = readWav(head);
    if (!layout) throw new NotPlayable();
    return (this.#layout = layout);
  }

  #bytes(layout: WavLayout, from: number, to: number): Promise<Uint8Array> {
    const at = (frame: number): number => layout.samplesFrom + frame * layout.tracks * 2;
    return recordingPart(this.instanceId, this.runId, at(from), at(to));
  }
}
