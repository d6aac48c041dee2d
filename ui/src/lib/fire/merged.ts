/**
 * The context as the run will hold it, with where each value comes from. The rule is the engine's
 * (contract §1.6, §1.9): the agent's own test values count in test mode only, the caller's values win over
 * them, the server's facts win over everybody.
 */
import type { Mode } from '$lib/api/types';
import { contextRows } from '$lib/json/context';
import { SERVER_NAMES } from '$lib/json/server-names';

export type Source = 'request' | 'agent' | 'server' | 'dropped';

export interface MergedRow {
  path: string;
  value: string;
  source: Source;
}

export interface MergeQuestion {
  mode: Mode;
  /** A JSON object as text. */
  contextText: string;
  defaults: Record<string, unknown> | null;
  /** What the server is known to add. */
  facts: Record<string, string>;
}

const top = (row: { path: string }) => row.path.split('.')[0] ?? '';

export function mergedRows({ mode, contextText, defaults, facts }: MergeQuestion): MergedRow[] {
  const sent = contextRows(contextText);
  const named = new Set(sent.map(top));
  const own = mode === 'test' ? contextRows(JSON.stringify(defaults ?? {})) : [];
  return [
    ...sent.map((row): MergedRow => ({
      ...row,
      source: SERVER_NAMES.has(top(row)) ? 'dropped' : 'request',
    })),
    ...own
      .filter((row) => !named.has(top(row)) && !SERVER_NAMES.has(top(row)))
      .map((row): MergedRow => ({ ...row, source: 'agent' })),
    ...Object.entries(facts).map(([path, value]): MergedRow => ({ path, value, source: 'server' })),
  ];
}
