/**
 * Everything that has a shortcut, and the chord it has until a person chooses another. What happens
 * is registered by whoever can do it (`shortcuts.svelte.ts`).
 */
import { w } from '$lib/words';

export const ACTIONS = {
  palette: 'Mod+K',
  shortcuts: '?',
  fire: 'Mod+Enter',
  number: 'Alt+N',
  agent: '/',
  copyTest: 'Alt+U',
  copyProduction: 'Alt+Shift+U',
  goFire: 'Mod+1',
  goAgents: 'Mod+2',
  goRuns: 'Mod+3',
  goTelephony: 'Mod+4',
  goKeys: 'Mod+5',
  goRequests: 'Mod+6',
  goSettings: 'Mod+7',
  theme: null,
} as const satisfies Record<string, string | null>;

export type Action = keyof typeof ACTIONS;

export const ACTION_NAMES = Object.keys(ACTIONS) as Action[];

/** Keys that mean the same everywhere and stay what they are. */
export const FIXED: { chord: string; word: string }[] = [
  { chord: 'Enter', word: w.shortcuts.fixed.enter },
  { chord: 'Escape', word: w.shortcuts.fixed.escape },
  { chord: 'Alt+1', word: w.shortcuts.fixed.edge },
  { chord: 'Mod+Z', word: w.shortcuts.fixed.undo },
  { chord: 'Mod+Shift+Z', word: w.shortcuts.fixed.redo },
];

/** What every field, list or window of the system needs, one group of keys a line. */
const NEEDED = `
  Tab Shift+Tab Shift+Enter Space Backspace Delete Home End PageUp PageDown
  ArrowUp ArrowDown ArrowLeft ArrowRight
  Mod+Plus Mod+= Mod+- Mod+0
  Mod+A Mod+C Mod+V Mod+X Mod+Y Mod+R Mod+Q Mod+W Mod+T Mod+N
  Alt+2 Alt+3 Alt+4 Alt+5 Alt+6 Alt+7 Alt+8 Alt+9
  Alt+F4 F5 F11 F12`;

const TAKEN = new Set([...FIXED.map((fixed) => fixed.chord), ...NEEDED.trim().split(/\s+/)]);

/** Whether a chord belongs to the window, the editor or the system and cannot be given away. */
export function isTaken(chord: string): boolean {
  return TAKEN.has(chord);
}
