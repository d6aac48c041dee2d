/**
 * The desk phone of this computer: who rings, what the person may do, and what was said. It belongs
 * to the whole window, because a phone rings wherever one is.
 */
import { deskAct, deskCalls, type DeskAct } from '$lib/api/client';
import { ApiError } from '$lib/api/http';
import { LOCAL_ID } from '$lib/api/local';
import type { DeskCall } from '$lib/api/types';
import { w } from '$lib/words';
import { coalesced, type Live } from './live.svelte';
import type { Notices } from './notices.svelte';
import { RunWatch } from './run.svelte';

export class DeskPhone {
  calls = $state<DeskCall[]>([]);
  /** The call on the panel; null when the phone rests. */
  call = $derived<DeskCall | null>(this.calls.find((c) => c.id === this.#shownId) ?? this.calls[0] ?? null);
  others = $derived(this.calls.filter((c) => c.id !== this.call?.id));
  /** The shown call's run, kept after the call is over until somebody looks away. */
  watch = $state.raw<RunWatch | null>(null);
  busy = $state(false);
  error = $state<unknown>(null);
  active = $derived(this.call !== null || this.watch !== null);
  readonly refresh: () => void;
  #shownId = $state<string | null>(null);

  constructor(
    readonly live: Live,
    readonly notices: Notices,
  ) {
    this.refresh = coalesced(() => this.#refresh());
    live.listen((instanceId, event) => {
      if (instanceId !== LOCAL_ID) return;
      if (event.event === 'desk-phone' || event.event === 'resync') this.refresh();
    });
  }

  async #refresh(): Promise<void> {
    try {
      this.#take(await deskCalls());
    } catch {
      // The status bar says that the connection is lost; the next event reads again.
    }
  }

  #take(calls: DeskCall[]): void {
    const known = new Set(this.calls.map((c) => c.id));
    const before = this.call;
    this.calls = calls;
    for (const call of calls) {
      if (!known.has(call.id) && call.state === 'ringing') {
        this.notices.say(w.desk.announceRing(call.agent, call.to));
      }
    }
    if (before && !calls.some((c) => c.id === before.id)) this.notices.say(w.desk.announceOver);
    if (this.call) this.#follow(this.call);
  }

  #follow(call: DeskCall): void {
    this.#shownId = call.id;
    if (this.watch?.address.id === call.run_id) return;
    this.watch?.close();
    this.error = null;
    this.watch = new RunWatch(
      { instanceId: LOCAL_ID, id: call.run_id, agentId: null, agentName: call.agent, ours: true },
      this.live,
    );
  }

  show(call: DeskCall): void {
    this.#shownId = call.id;
    this.#follow(call);
  }

  /** Puts the card of an ended call away. */
  dismiss(): void {
    if (this.call) return;
    this.watch?.close();
    this.watch = null;
    this.error = null;
  }

  answer = () => this.#act('answer');
  decline = () => this.#act('decline');
  hangUp = () => this.#act('hang-up');
  say = (text: string) => this.#act('say', { text });
  takeEdge = (edgeId: string) => this.#act('take-edge', { edge_id: edgeId });

  async #act(act: DeskAct, body: object = {}): Promise<boolean> {
    const call = this.call;
    if (!call || this.busy) return false;
    this.busy = true;
    this.error = null;
    try {
      const changed = await deskAct(call.id, act, body);
      this.calls = this.calls.map((c) => (c.id === changed.id ? changed : c));
      if (act === 'answer') this.notices.say(w.desk.announceAnswered);
      return true;
    } catch (error) {
      // Someone else was faster, or the call ended: the fresh list shows it.
      const moved = error instanceof ApiError && (error.status === 404 || error.status === 409);
      if (!moved) this.error = error;
      return false;
    } finally {
      this.busy = false;
      this.refresh();
      this.watch?.read();
    }
  }
}
