/** What two runs have in common and in what they differ, row by row. Words are the page's. */
import type { Run } from '$lib/api/types';
import { between, formatDateTime, formatDuration, readableNumber } from '$lib/format';
import { contextRows } from '$lib/json/context';
import { SERVER_NAMES } from '$lib/json/server-names';
import { w } from '$lib/words';
import { endSentence } from './end';
import { pathOf } from './path';

export interface ComparedRow {
  name: string;
  /** Null where a run has nothing there. */
  values: [string | null, string | null];
}

export interface Comparison {
  call: ComparedRow[];
  timing: ComparedRow[];
  initial: ComparedRow[];
  gathered: ComparedRow[];
}

type Fact = keyof typeof w.runs.compare.fact;

export function differs(row: ComparedRow): boolean {
  return row.values[0] !== row.values[1];
}

/** `through` names what a run went through. */
export function compareRuns(runs: [Run, Run], through: (run: Run) => string): Comparison {
  const row = (fact: Fact, value: (run: Run) => string | null): ComparedRow => ({
    name: w.runs.compare.fact[fact],
    values: [value(runs[0]), value(runs[1])],
  });
  return {
    call: [
      row('number', (run) => readableNumber(run.destination)),
      row('callerId', (run) => run.caller_id && readableNumber(run.caller_id)),
      row('agent', (run) => run.agent_name),
      row('version', versionOf),
      row('mode', (run) => run.mode && w.common[run.mode]),
      row('through', through),
      row('state', (run) => w.states[run.state] ?? run.state),
      row('end', (run) => (run.is_completed ? endSentence(run) : null)),
      row('outcome', (run) => run.noted_outcome ?? null),
      row('note', (run) => run.note ?? null),
      row('path', (run) => names(run)),
    ],
    timing: [
      row('started', (run) => formatDateTime(run.created_at)),
      row('rang', (run) =>
        lasted(at(run, 'ringing') ?? at(run, 'dialing'), at(run, 'in-progress') ?? run.ended_at),
      ),
      row('talked', (run) => lasted(at(run, 'in-progress'), run.ended_at)),
      row('total', (run) => lasted(run.created_at, run.ended_at)),
      row('turns', (run) => String(run.transcript.filter((line) => line.kind !== 'prompt').length)),
    ],
    initial: contexts(runs, (run) => run.initial_context_text),
    gathered: contexts(runs, (run) => run.gathered_context_text),
  };
}

function versionOf(run: Run): string | null {
  if (run.version_number === null) return null;
  return [run.version_status, `v${run.version_number}`].filter(Boolean).join(' ');
}

function names(run: Run): string | null {
  const steps = pathOf(run, between(run.created_at, run.ended_at) ?? Number.MAX_SAFE_INTEGER);
  return steps.length === 0 ? null : steps.map((step) => step.name).join(' → ');
}

function at(run: Run, state: string): string | undefined {
  return run.timeline.find((entry) => entry.state === state)?.at;
}

function lasted(from: string | undefined, until: string | null | undefined): string | null {
  const ms = between(from, until);
  return ms === null ? null : formatDuration(ms);
}

function isServers(name: string): boolean {
  return SERVER_NAMES.has(name.split('.')[0] ?? '');
}

/** Every path of either. */
function contexts(runs: [Run, Run], text: (run: Run) => string): ComparedRow[] {
  const [first, second] = runs.map(
    (run) => new Map(contextRows(text(run)).map((row) => [row.path, row.value])),
  ) as [Map<string, string>, Map<string, string>];
  const all = [...new Set([...first.keys(), ...second.keys()])];
  // What every run has from the server says the least and stands last.
  const ordered = [...all.filter((name) => !isServers(name)), ...all.filter(isServers)];
  return ordered.map((name) => ({
    name,
    values: [first.get(name) ?? null, second.get(name) ?? null],
  }));
}
