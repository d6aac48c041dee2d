/**
 * Edits that could not be saved when their page was left, for as long as the window lives. They are not
 * written anywhere: a definition may hold a key that was just typed.
 */
import type { Definition } from '$lib/api/types';
import { same } from './definition';

interface Unsaved {
  /** What the edits were made on. */
  base: Definition;
  edited: Definition;
}

const all = new Map<string, Unsaved>();

const keyOf = (instanceId: string, id: number): string => `${instanceId} ${id}`;

export function keepUnsaved(instanceId: string, id: number, unsaved: Unsaved): void {
  all.set(keyOf(instanceId, id), unsaved);
}

/** The edits, once; null when there are none or somebody else has changed the draft since. */
export function takeUnsaved(instanceId: string, id: number, now: Definition): Definition | null {
  const key = keyOf(instanceId, id);
  const unsaved = all.get(key);
  all.delete(key);
  return unsaved && same(unsaved.base, now) ? unsaved.edited : null;
}
