/**
 * Short messages: shown as a toast and read out by screen readers, without moving the focus.
 * `say` is read out only.
 */
const SHOWN_MS = 3200;

export type Tone = 'plain' | 'test' | 'production' | 'error';

export interface Notice {
  id: number;
  text: string;
  tone: Tone;
}

export class Notices {
  shown = $state<Notice | null>(null);
  spoken = $state('');
  #next = 1;
  #timer: ReturnType<typeof setTimeout> | undefined;

  show(text: string, tone: Tone = 'plain'): void {
    this.shown = { id: this.#next++, text, tone };
    this.say(text);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.dismiss(), SHOWN_MS);
  }

  dismiss(): void {
    this.shown = null;
  }

  say(text: string): void {
    // The same words twice are only read out twice if the region changes.
    this.spoken = this.spoken === text ? `${text}\u00a0` : text;
  }
}
