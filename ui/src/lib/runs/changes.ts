/** What a call that is fired again would do differently from the run it comes from. */
import { contextRows, withoutMembers } from '$lib/json/context';
import { SERVER_NAMES } from '$lib/json/server-names';
import type { Mode, Run } from '$lib/api/types';

export interface Change {
  /** A name of the context, or what else of the call is another. */
  what: { kind: 'context'; path: string } | { kind: 'number' | 'mode' | 'version' | 'telephony' };
  /** Null where there was, or is, nothing. */
  before: string | null;
  after: string | null;
}

export interface NextCall {
  number: string;
  contextText: string;
  mode: Mode;
  versionNumber: number | null;
  telephonyConfigurationId: number | null;
}

export function changesSince(run: Run, next: NextCall): Change[] {
  const changes: Change[] = [];
  const compare = (what: Change['what'], before: string | null, after: string | null): void => {
    if (before !== after) changes.push({ what, before, after });
  };
  compare({ kind: 'number' }, run.destination, next.number);
  if (run.mode) compare({ kind: 'mode' }, run.mode, next.mode);
  if (run.version_number !== null && next.versionNumber !== null)
    compare({ kind: 'version' }, `v${run.version_number}`, `v${next.versionNumber}`);
  if (run.telephony_configuration_id !== null && next.telephonyConfigurationId !== null)
    compare(
      { kind: 'telephony' },
      String(run.telephony_configuration_id),
      String(next.telephonyConfigurationId),
    );
  const before = rows(withoutMembers(run.initial_context_text, SERVER_NAMES));
  const after = rows(next.contextText);
  for (const path of new Set([...before.keys(), ...after.keys()]))
    compare({ kind: 'context', path }, before.get(path) ?? null, after.get(path) ?? null);
  return changes;
}

function rows(text: string): Map<string, string> {
  return new Map(contextRows(text).map((row) => [row.path, row.value]));
}
