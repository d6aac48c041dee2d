/**
 * The number field: asks this computer what the typed number is (one engine for the window, the API
 * and the CLI) and offers the formatted spelling. Nothing about numbers is decided here.
 */
import { checkDestination } from '$lib/api/client';
import type { Destination } from '$lib/api/types';

const WAIT_MS = 140;

export class NumberField {
  text = $state('');
  /** The answer for the current text, or null while there is none. */
  checked = $state<Destination | null>(null);
  checking = $state(false);
  /** The engine could not be asked; the instance itself decides then. */
  unchecked = $state(false);
  /** What is sent: the E.164 form of a phone number, else the text as typed. */
  value = $derived(this.checked?.e164 ?? this.text.trim());
  usable = $derived(this.unchecked || (this.checked !== null && this.checked.kind !== 'invalid'));
  /** Called after each answer, with the text it was about. */
  onChecked: (typed: string, answer: Destination) => void = () => {};
  #provider = '';
  #waiting: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #abort: AbortController | null = null;

  type(text: string): void {
    this.text = text;
    this.#schedule(WAIT_MS);
  }

  /** The same number spelled another way: nothing to ask again. */
  respell(text: string): void {
    this.text = text;
  }

  set(text: string): void {
    this.text = text;
    this.#schedule(0);
  }

  /** Settles when the text as it stands is checked, or is another text. */
  checkedNow(): Promise<void> {
    if (!this.checking) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  useProvider(provider: string): void {
    if (provider === this.#provider) return;
    this.#provider = provider;
    this.#schedule(0);
  }

  #schedule(wait: number): void {
    clearTimeout(this.#timer);
    this.#abort?.abort();
    this.checked = null;
    this.unchecked = false;
    this.checking = this.text.trim() !== '';
    this.#settle();
    if (this.checking) this.#timer = setTimeout(() => void this.#check(), wait);
  }

  async #check(): Promise<void> {
    const typed = this.text;
    const abort = new AbortController();
    this.#abort = abort;
    try {
      const answer = await checkDestination(typed.trim(), this.#provider, abort.signal);
      if (abort.signal.aborted) return;
      this.checked = answer;
      this.onChecked(typed, answer);
    } catch {
      if (abort.signal.aborted) return;
      this.unchecked = true;
    }
    this.checking = false;
    this.#settle();
  }

  #settle(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** The digits of a spelling, with a leading + where there is one. */
export function digits(text: string): string {
  const plus = text.trim().startsWith('+') ? '+' : '';
  return plus + text.replace(/\D/g, '');
}
