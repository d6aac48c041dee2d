/**
 * Which chord does what in this window: the table's chords and a person's own, which are kept on this
 * machine. One listener hears the keys; whoever can do an action offers it for as long as it can.
 */
import { memory } from '$lib/state/memory';
import { chordOf, hasModifier, isMac, type KeyPress } from './chord';
import { ACTION_NAMES, ACTIONS, isTaken, type Action } from './table';

export type Verdict = 'free' | 'taken' | { action: Action };

const KEPT = 'shortcuts';
const FIELD =
  'input:not([type="checkbox"]):not([type="radio"]):not([type="button"]), textarea, select, [contenteditable="true"]';

export class Shortcuts {
  readonly mac = isMac();
  #own = $state.raw<Partial<Record<Action, string | null>>>(read());
  #offers = new Map<Action, (() => void)[]>();
  #awaited: Action | null = null;

  /** The chord of an action; null where it has none. */
  chord(action: Action): string | null {
    const own = this.#own[action];
    return own === undefined ? ACTIONS[action] : own;
  }

  isOwn(action: Action): boolean {
    return this.#own[action] !== undefined;
  }

  get hasOwn(): boolean {
    return Object.keys(this.#own).length > 0;
  }

  /** What stands against giving a chord to an action. */
  judge(action: Action, chord: string): Verdict {
    if (isTaken(chord)) return 'taken';
    const holder = ACTION_NAMES.find((other) => other !== action && this.chord(other) === chord);
    return holder ? { action: holder } : 'free';
  }

  /** Gives an action a chord, or none. Whatever else had it has none from now on. */
  give(action: Action, chord: string | null): void {
    const next = { ...this.#own, [action]: chord };
    for (const other of ACTION_NAMES) {
      if (other !== action && chord !== null && this.chord(other) === chord) next[other] = null;
    }
    for (const name of ACTION_NAMES) if (next[name] === ACTIONS[name]) delete next[name];
    this.#keep(next);
  }

  /** The table's chord again, taken back from whatever has it now. */
  restore(action: Action): void {
    this.give(action, ACTIONS[action]);
  }

  restoreAll(): void {
    this.#keep({});
  }

  /** Offers to do an action; the newest offer is taken. Answers the function that takes it back. */
  offer(action: Action, act: () => void): () => void {
    this.#offers.set(action, [...(this.#offers.get(action) ?? []), act]);
    if (this.#awaited === action) {
      this.#awaited = null;
      act();
    }
    return () => {
      const left = (this.#offers.get(action) ?? []).filter((other) => other !== act);
      this.#offers.set(action, left);
    };
  }

  /** Does an action. False when nobody on the screen can. */
  run(action: Action): boolean {
    const act = this.#offers.get(action)?.at(-1);
    act?.();
    return act !== undefined;
  }

  /** Does an action now, or as soon as a page that can is there. */
  whenOffered(action: Action): void {
    this.#awaited = this.run(action) ? null : action;
  }

  /** A key press anywhere in the window. */
  handle(event: KeyboardEvent): void {
    if (event.isComposing || event.repeat || event.getModifierState('AltGraph')) return;
    const action = this.actionOf(event);
    if (action === null) return;
    const chord = this.chord(action) ?? '';
    const at = event.target instanceof Element ? event.target : null;
    // A question on the screen comes first.
    if (at?.closest('dialog, [role="menu"]')) return;
    if (!hasModifier(chord) && (event.defaultPrevented || at?.closest(FIELD))) return;
    if (this.run(action)) event.preventDefault();
  }

  actionOf(event: KeyPress): Action | null {
    const chord = chordOf(event, this.mac);
    return chord === null ? null : (ACTION_NAMES.find((action) => this.chord(action) === chord) ?? null);
  }

  #keep(own: Partial<Record<Action, string | null>>): void {
    this.#own = own;
    memory.set(KEPT, JSON.stringify(own));
  }
}

/** What was kept; whatever is not ours in it is left out. */
function read(): Partial<Record<Action, string | null>> {
  try {
    const kept = JSON.parse(memory.get(KEPT) ?? '{}') as Record<string, unknown>;
    const ours = ACTION_NAMES.filter(
      (name) => kept[name] === null || (typeof kept[name] === 'string' && !isTaken(kept[name])),
    );
    return Object.fromEntries(ours.map((name) => [name, kept[name]])) as Partial<
      Record<Action, string | null>
    >;
  } catch {
    return {};
  }
}
