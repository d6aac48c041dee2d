import { describe, expect, it } from 'vitest';
import type { RunSummary } from '$lib/api/types';
import { DESK_NUMBER, suggestions } from './suggestions';

function run(destination: string): RunSummary {
  return { destination, state: 'completed', created_at: '2026-03-15T10:00:00Z' } as RunSummary;
}

const RUNS = [run('+442079460018'), run(DESK_NUMBER), run('+442079460018'), run('+4930123456')];
const numbers = (onDesk: boolean, typed: string) => suggestions(RUNS, onDesk, typed).map((s) => s.number);

describe('the numbers offered', () => {
  it('are the desk phone first, then each number called lately once', () => {
    expect(numbers(true, '').slice(0, 3)).toEqual([DESK_NUMBER, '+442079460018', '+4930123456']);
  });

  it('hold no number of the desk phone where real phones ring, unless it was called', () => {
    expect(numbers(false, '')).toEqual(['+442079460018', DESK_NUMBER, '+4930123456']);
  });

  it('have the pinned ones before those called lately, each once', () => {
    const offered = suggestions(RUNS, true, '', ['+4930123456', '+14155550102']).map((s) => s.number);
    expect(offered.slice(0, 4)).toEqual([DESK_NUMBER, '+4930123456', '+14155550102', '+442079460018']);
    expect(new Set(offered).size).toBe(offered.length);
  });

  it('narrow while a number is typed, and come back when it is whole', () => {
    expect(numbers(false, '+44 20')).toEqual(['+442079460018']);
    expect(numbers(false, '+44 2079 460018')).toHaveLength(3);
  });
});
