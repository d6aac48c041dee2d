import { describe, expect, it } from 'vitest';
import type { RunSummary } from '$lib/api/types';
import { runsAsCsv, runsAsLines } from './export';
import { matches, type RunFilters } from './filters';

const none: RunFilters = { mode: null, state: null, from: '', until: '' };

function run(change: Partial<RunSummary> = {}): RunSummary {
  return {
    id: 7,
    name: 'WR-TEST-7',
    agent_id: 1,
    agent_name: '=HYPERLINK("x")',
    version_number: 2,
    version_status: 'draft',
    mode: 'test',
    state: 'busy',
    is_completed: true,
    created_at: '2026-03-15T12:00:00Z',
    ended_at: '2026-03-15T12:00:01.5Z',
    destination: '+14155550102',
    caller_id: null,
    provider: 'desk_phone',
    end: { code: 'busy', sentence: 'The number was busy, says "it".', side: 'callee', next: null },
    noted_outcome: 'Call back',
    note: '=1+1',
    ...change,
  };
}

describe('filters of the list', () => {
  it.each([
    [{}, true],
    [{ mode: 'test' }, true],
    [{ mode: 'production' }, false],
    [{ state: 'busy' }, true],
    [{ state: 'failed' }, false],
    [{ state: 'ended' }, true],
    [{ state: 'open' }, false],
    [{ from: '2026-03-15', until: '2026-03-15' }, true],
    [{ from: '2026-03-16' }, false],
    [{ until: '2026-03-14' }, false],
  ] as [Partial<RunFilters>, boolean][])('%j: %s', (change, expected) => {
    expect(matches(run(), { ...none, ...change })).toBe(expected);
  });
});

describe('runs as a file', () => {
  it('has no cell that is a formula', () => {
    const [head, row] = runsAsCsv([run()]).split('\r\n');
    expect(head?.split(',')).toHaveLength(17);
    expect(row).toBe(
      `7,WR-TEST-7,2026-03-15T12:00:00Z,2026-03-15T12:00:01.5Z,1.500,'+14155550102,,"'=HYPERLINK(""x"")",2,test,busy,` +
        `"The number was busy, says ""it"".",callee,busy,desk_phone,Call back,'=1+1`,
    );
  });

  it('has one document a line', () => {
    const lines = runsAsLines([run(), run({ id: 8 })])
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => (JSON.parse(line) as RunSummary).id)).toEqual([7, 8]);
  });
});
