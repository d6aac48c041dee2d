/**
 * The context as the run will hold it, for reading. Which name comes from where is the server's word
 * (`preview`); the values of the request stand in it as they were typed, so that no long number is rounded.
 */
import type { ContextEntry } from '$lib/api/types';
import { contextRows } from '$lib/json/context';

export interface MergedRow {
  path: string;
  value: string;
  source: ContextEntry['source'];
}

const top = (row: { path: string }) => row.path.split('.')[0] ?? '';

export function mergedRows(entries: ContextEntry[], contextText: string): MergedRow[] {
  const sent = contextRows(contextText);
  return entries.flatMap(({ name, value, source }) => {
    const isSent = source === 'request' || source === 'dropped';
    const rows = isSent
      ? sent.filter((row) => top(row) === name)
      : contextRows(JSON.stringify({ [name]: value }));
    return rows.map((row): MergedRow => ({ ...row, source }));
  });
}
