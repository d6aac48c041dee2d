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
const unknown = () => null;

describe('the path of a conversation', () => {
  it('goes from the first line of a node to the first line of the next, and to the end', () => {
    expect(pathOf(run(LINES, ['Greeting', 'Confirm', 'Goodbye']), 2500, unknown)).toEqual([
      { name: 'Greeting', line: 0, fromMs: 100, toMs: 900 },
      { name: 'Confirm', line: 3, fromMs: 900, toMs: 2000 },
      { name: 'Goodbye', line: 4, fromMs: 2000, toMs: 2500 },
    ]);
  });

  it('claims nothing when the names do not fit the lines', () => {
    expect(pathOf(run(LINES, ['Greeting', 'Goodbye']), 2500, unknown)).toEqual([]);
    expect(pathOf(run(LINES, null), 2500, unknown)).toEqual([]);
  });

  it('names the nodes of a version that is known while the call still goes on', () => {
    const names = pathOf(run(LINES, null), 2500, (id) => id.toUpperCase()).map((step) => step.name);
    expect(names).toEqual(['A', 'B', 'C']);
  });

  it('reads names from any gathered context', () => {
    expect(visitedNames('{"nodes_visited": ["A", 1, "B"]}')).toEqual(['A', 'B']);
    expect(visitedNames('null')).toEqual([]);
  });
});
