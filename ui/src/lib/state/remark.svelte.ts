/**
 * The outcome and the note of one run while a person writes them: kept by themselves a moment after
 * the last key. What comes from elsewhere in the meantime never takes the place of what is being
 * written here.
 */
export interface Remark {
  outcome: string;
  note: string;
}

export type RemarkState = 'idle' | 'waiting' | 'saving' | 'kept' | 'failed';

const PAUSE_MS = 700;
const PARTS = ['outcome', 'note'] as const;

export class RemarkDraft {
  outcome = $state('');
  note = $state('');
  state = $state<RemarkState>('idle');
  error = $state<unknown>(null);
  #kept: Remark = { outcome: '', note: '' };
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `save` sends what changed and answers what is kept then. */
  constructor(readonly save: (change: Partial<Remark>) => Promise<Remark>) {}

  /** What the instance has now. */
  take(remark: Remark): void {
    for (const part of PARTS) {
      if (this[part] === this.#kept[part]) this[part] = remark[part];
      this.#kept[part] = remark[part];
    }
  }

  write(part: keyof Remark, text: string): void {
    this[part] = text;
    clearTimeout(this.#timer);
    if (this.state !== 'saving') this.state = 'waiting';
    this.#timer = setTimeout(() => void this.flush(), PAUSE_MS);
  }

  /** Keeps at once what is written; for leaving the field or the page. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    // What is written meanwhile is kept when the answer is there.
    if (this.state === 'saving') return;
    while (this.#isChanged()) {
      const sent = this.#change();
      this.state = 'saving';
      try {
        const kept = await this.save(sent);
        this.#settle(sent, kept);
      } catch (error) {
        this.error = error;
        this.state = 'failed';
        return;
      }
    }
    if (this.state !== 'idle') this.state = 'kept';
    this.error = null;
  }

  #isChanged(): boolean {
    return PARTS.some((part) => this[part].trim() !== this.#kept[part].trim());
  }

  #change(): Partial<Remark> {
    const changed = PARTS.filter((part) => this[part].trim() !== this.#kept[part].trim());
    return Object.fromEntries(changed.map((part) => [part, this[part]]));
  }

  /** The text in the field stays as it was typed: taking a space away would move the cursor. */
  #settle(sent: Partial<Remark>, kept: Remark): void {
    for (const part of PARTS) {
      if (sent[part] === undefined) this.take({ ...this.#kept, [part]: kept[part] });
      else this.#kept[part] = this[part] === sent[part] ? this[part] : kept[part];
    }
  }
}
