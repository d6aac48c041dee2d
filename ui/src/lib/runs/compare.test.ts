import { describe, expect, it } from 'vitest';
import type { Run } from '$lib/api/types';
import { compareRuns, differs } from './compare';

function run(change: Partial<Run>): Run {
  return {
    destination: '+14155550100',
    caller_id: null,
    agent_name: 'Reminder',
    version_number: 2,
    version_status: 'draft',
    mode: 'test',
    state: 'completed',
    is_completed: true,
    created_at: '2026-03-15T10:00:00Z',
    ended_at: '2026-03-15T10:00:20Z',
    provider: 'desk_phone',
    end: { code: 'a', sentence: 'The callee hung up.', side: 'callee', next: null },
    timeline: [
      { at: '2026-03-15T10:00:01Z', state: 'ringing' },
      { at: '2026-03-15T10:00:05Z', state: 'in-progress' },
    ],
    transcript: [],
    initial_context_text: '{"name":"Jane","order":12345678901234567890}',
    gathered_context_text: '{}',
    ...change,
  } as Run;
}

const through = (one: Run): string => one.provider;

describe('two runs side by side', () => {
  it('differ in nothing when they are alike', () => {
    const { call, timing, initial, gathered } = compareRuns([run({}), run({})], through);
    expect([...call, ...timing, ...initial, ...gathered].filter(differs)).toEqual([]);
  });

  it('differ in version, times and in the last digit of a big number, and in what one lacks', () => {
    const other = run({
      version_number: 3,
      version_status: 'published',
      ended_at: '2026-03-15T10:00:30Z',
      initial_context_text: '{"order":12345678901234567891,"vip":true}',
    });
    const { call, timing, initial } = compareRuns([run({}), other], through);
    const found = [...call, ...timing, ...initial]
      .filter(differs)
      .map(({ name, values }) => [name, ...values]);
    expect(found).toEqual([
      ['Version', 'draft v2', 'published v3'],
      ['Talked for', '15.0 s', '25.0 s'],
      ['In all', '20.0 s', '30.0 s'],
      ['name', 'Jane', null],
      ['order', '12345678901234567890', '12345678901234567891'],
      ['vip', null, 'true'],
    ]);
  });
});
