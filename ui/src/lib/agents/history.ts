/**
 * What can be undone. Changes under one tag that follow each other quickly are one step, so that a
 * typed sentence is taken back at once and not letter by letter.
 */

const TOGETHER_MS = 1200;
const STEPS = 200;

export class History<T> {
  #past: T[] = [];
  #future: T[] = [];
  #tag = '';
  #at = Number.NEGATIVE_INFINITY;

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  /** Keeps what was before a change; `now` in milliseconds. */
  keep(before: T, tag: string, now: number): void {
    const goesOn = tag !== '' && tag === this.#tag && now - this.#at < TOGETHER_MS && this.canUndo;
    this.#tag = tag;
    this.#at = now;
    this.#future = [];
    if (!goesOn) this.#past = [...this.#past, before].slice(-STEPS);
  }

  /** What was before the last step, or null when there is none. */
  undo(current: T): T | null {
    const before = this.#past.pop();
    if (before === undefined) return null;
    this.#future.push(current);
    this.#tag = '';
    return before;
  }

  redo(current: T): T | null {
    const after = this.#future.pop();
    if (after === undefined) return null;
    this.#past.push(current);
    this.#tag = '';
    return after;
  }

  /** The next change is a step of its own. */
  pause(): void {
    this.#tag = '';
  }

  clear(): void {
    this.#past = [];
    this.#future = [];
    this.#tag = '';
  }
}
