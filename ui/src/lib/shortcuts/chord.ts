/**
 * A chord: the keys of one shortcut as a text such as `Mod+Shift+K`, where `Mod` is Ctrl, or ⌘ on a
 * Mac. Reading one from a key press and spelling one for people; which chord does what is elsewhere.
 */

export interface KeyPress {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

const MODIFIER_KEYS = new Set([
  'Control',
  'Meta',
  'Alt',
  'Shift',
  'AltGraph',
  'CapsLock',
  'Process',
  'Unidentified',
]);
const NAMES: Record<string, string> = { ' ': 'Space', '+': 'Plus' };
const SPELLED: Record<string, string> = {
  Plus: '+',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
};

export const isMac = (): boolean => typeof navigator !== 'undefined' && /mac/i.test(navigator.platform);

/** The chord of a key press; null for a modifier alone. */
export function chordOf(event: KeyPress, mac: boolean): string | null {
  if (MODIFIER_KEYS.has(event.key)) return null;
  const key = keyOf(event);
  if (key === 'Dead') return null;
  const mod = mac ? event.metaKey : event.ctrlKey;
  const other = mac ? event.ctrlKey : event.metaKey;
  // Shift makes another character of a sign, and that character says it already.
  const isSign = key.length === 1 && !/[A-Z0-9]/.test(key);
  const parts = [
    mod ? 'Mod' : '',
    other ? 'Super' : '',
    event.altKey ? 'Alt' : '',
    event.shiftKey && !isSign ? 'Shift' : '',
    key,
  ];
  return parts.filter((part) => part !== '').join('+');
}

/**
 * What is printed on the key. Where a modifier makes another sign of it (Alt on a Mac, Shift on a digit) or
 * the layout has no Latin letters, the place of the key says it.
 */
function keyOf(event: KeyPress): string {
  if ((event.altKey || event.ctrlKey || event.metaKey) && !/^[a-z]$/i.test(event.key)) {
    const placed = /^(?:Key|Digit)([A-Z0-9])$/.exec(event.code)?.[1];
    if (placed) return placed;
  }
  return NAMES[event.key] ?? (event.key.length === 1 ? event.key.toUpperCase() : event.key);
}

/** Whether a chord can be pressed while writing without writing anything. */
export function hasModifier(chord: string): boolean {
  return /^(?:Mod|Super|Alt)\+/.test(chord) || /^(?:Shift\+)?F\d{1,2}$/.test(chord);
}

/** A chord as a person reads it, one word a key. */
export function spelled(chord: string, mac: boolean): string[] {
  const modifiers: Record<string, string> = mac
    ? { Mod: '⌘', Super: 'Ctrl', Alt: '⌥', Shift: '⇧' }
    : { Mod: 'Ctrl', Super: 'Super', Alt: 'Alt', Shift: 'Shift' };
  return chord.split('+').map((part) => modifiers[part] ?? SPELLED[part] ?? (part === 'Enter' ? '↵' : part));
}

/** As `aria-keyshortcuts` wants it. */
export function ariaChord(chord: string, mac: boolean): string {
  return chord.replace('Mod', mac ? 'Meta' : 'Control').replace('Super', mac ? 'Control' : 'Meta');
}
