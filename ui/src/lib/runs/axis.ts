/**
 * Everything that happened in a run in the order of time, whoever it came from: states, nodes, what
 * was said, what was exchanged with the carrier. One list, so that cause and effect stand together.
 */
import type { Exchange, Run, TimelineEntry, TranscriptLine } from '$lib/api/types';
import { between } from '$lib/format';
import type { PathStep } from './path';

export type Kind = 'state' | 'carrier' | 'node' | 'said';

export type Moment = {
  key: string;
  /** Milliseconds after the run was created. */
  ms: number;
} & (
  | { kind: 'state'; entry: TimelineEntry }
  | { kind: 'carrier'; exchange: Exchange }
  | { kind: 'node'; step: PathStep }
  | { kind: 'said'; line: TranscriptLine }
);

/** At the same moment: what was decided here, what the carrier heard and told, what that changed, words. */
function rank(moment: Moment): number {
  if (moment.kind === 'state') return moment.entry.source === 'switchhook' ? 0 : 2;
  return { carrier: 1, node: 3, said: 4 }[moment.kind];
}

export function momentsOf(run: Run, path: readonly PathStep[]): Moment[] {
  const at = (time: string): number => between(run.created_at, time) ?? 0;
  const moments: Moment[] = [
    ...run.timeline.map((entry, i): Moment => ({
      key: `state-${i}`,
      ms: at(entry.at),
      kind: 'state',
      entry,
    })),
    ...(run.exchanges ?? []).map((exchange, i): Moment => ({
      key: `carrier-${i}`,
      ms: at(exchange.at),
      kind: 'carrier',
      exchange,
    })),
    ...path.map((step, i): Moment => ({ key: `node-${i}`, ms: step.fromMs, kind: 'node', step })),
    ...run.transcript.map((line, i): Moment => ({
      key: `said-${i}`,
      ms: line.offset_ms ?? at(line.at),
      kind: 'said',
      line,
    })),
  ];
  // Sorting keeps the order of what is alike in both.
  return moments.toSorted((a, b) => a.ms - b.ms || rank(a) - rank(b));
}

/** The kinds that there are, in the order they are offered. */
export function kindsOf(moments: readonly Moment[]): Kind[] {
  const kinds: Kind[] = ['said', 'node', 'state', 'carrier'];
  return kinds.filter((kind) => moments.some((moment) => moment.kind === kind));
}
