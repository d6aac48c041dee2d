import { describe, expect, it } from 'vitest';
import type { Run, TranscriptLine } from '$lib/api/types';
import { pathOf, visitedNames } from './path';

function line(node_id: string | null, offset_ms: number): TranscriptLine {
  return { node_id, offset_ms, at: '', speaker: 'agent', text: '', kind: 'speech' };
}

function run(lines: TranscriptLine[], visited: string[] | null): Run {
  const gathered = JSON.stringify(visited ? { nodes_visited: visited } : {});
  return { transcript: lines, gathered_context_text: gathered, created_at: '2026-03-15T10:00:00Z' } as Run;
}

const LINES = [line('a', 100), line('a', 300), line(null, 350), line('b', 900), line('c', 2000)];

describe('the path of a conversation', () => {
  it('goes from the first line of a node to the first line of the next, and to the end', () => {
    expect(pathOf(run(LINES, ['Greeting', 'Confirm', 'Goodbye']), 2500)).toEqual([
      { nodeId: 'a', name: 'Greeting', line: 0, fromMs: 100, toMs: 900 },
      { nodeId: 'b', name: 'Confirm', line: 3, fromMs: 900, toMs: 2000 },
      { nodeId: 'c', name: 'Goodbye', line: 4, fromMs: 2000, toMs: 2500 },
    ]);
  });

  it('claims nothing when the names do not fit the lines', () => {
    expect(pathOf(run(LINES, ['Greeting', 'Goodbye']), 2500)).toEqual([]);
    expect(pathOf(run(LINES, null), 2500)).toEqual([]);
  });

  it('takes the names that the server tells while the call still goes on', () => {
    const told = ['a', 'b', 'c'].map((id) => ({
      node_id: id,
      node_name: id.toUpperCase(),
      at: '',
      offset_ms: 0,
    }));
    const names = pathOf({ ...run(LINES, null), path: told }, 2500).map((step) => step.name);
    expect(names).toEqual(['A', 'B', 'C']);
  });

  it('reads names from any gathered context', () => {
    expect(visitedNames('{"nodes_visited": ["A", 1, "B"]}')).toEqual(['A', 'B']);
    expect(visitedNames('null')).toEqual([]);
  });
});
