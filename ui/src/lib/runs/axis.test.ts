import { describe, expect, it } from 'vitest';
import type { Exchange, Run, TimelineEntry, TranscriptLine } from '$lib/api/types';
import { kindsOf, momentsOf } from './axis';

const at = (ms: number) => new Date(Date.parse('2026-03-15T10:00:00Z') + ms).toISOString();

function run(parts: Partial<Run>): Run {
  return { created_at: at(0), timeline: [], transcript: [], ...parts } as Run;
}

describe('the axis of time of a run', () => {
  it('merges states, nodes, words and exchanges', () => {
    const moments = momentsOf(
      run({
        timeline: [
          { at: at(20), state: 'dialing', source: 'switchhook' },
          { at: at(900), state: 'in-progress', source: 'carrier' },
        ] as TimelineEntry[],
        transcript: [{ at: at(950), offset_ms: 950, text: 'Hello', node_id: 'a' }] as TranscriptLine[],
        exchanges: [
          { at: at(20), kind: 'dial' },
          { at: at(900), kind: 'callback' },
        ] as Exchange[],
      }),
      [{ nodeId: 'a', name: 'Greeting', line: 0, fromMs: 950, toMs: 2000 }],
    );
    expect(moments.map(({ key, ms }) => [key, ms])).toEqual([
      ['state-0', 20],
      ['carrier-0', 20],
      ['carrier-1', 900],
      ['state-1', 900],
      ['node-0', 950],
      ['said-0', 950],
    ]);
    expect(kindsOf(moments)).toEqual(['said', 'node', 'state', 'carrier']);
  });

  it('has no exchanges of an instance that tells none', () => {
    expect(
      kindsOf(momentsOf(run({ timeline: [{ at: at(0), state: 'queued' }] as TimelineEntry[] }), [])),
    ).toEqual(['state']);
  });
});
