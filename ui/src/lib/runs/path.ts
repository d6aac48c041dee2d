/**
 * The way a conversation took through its agent: which node was spoken from, from when to when. Times
 * come from the transcript, whose lines name their node by id; names come with the end of the call, in
 * the gathered context. Where the two do not fit together nothing is claimed.
 */
import type { Run } from '$lib/api/types';
import { between } from '$lib/format';

export interface PathStep {
  name: string;
  /** Index of its first line in the transcript. */
  line: number;
  /** Milliseconds after the run was created. */
  fromMs: number;
  toMs: number;
}

/** The names that the server gathered under `nodes_visited`, in order; empty while the call goes on. */
export function visitedNames(gatheredText: string): string[] {
  const gathered = JSON.parse(gatheredText) as { nodes_visited?: unknown } | null;
  const visited = gathered?.nodes_visited;
  return Array.isArray(visited) ? visited.filter((name) => typeof name === 'string') : [];
}

/**
 * The steps until `endMs`. `nameOf` knows the nodes of the version that ran, where the window has read
 * it; without it the gathered names are taken if there is one for every node that was spoken from.
 */
export function pathOf(run: Run, endMs: number, nameOf: (nodeId: string) => string | null): PathStep[] {
  const seen: { id: string; at: number; line: number }[] = [];
  for (const [index, line] of run.transcript.entries()) {
    const at = line.offset_ms ?? between(run.created_at, line.at);
    if (line.node_id === null || at === null || line.node_id === seen.at(-1)?.id) continue;
    seen.push({ id: line.node_id, at, line: index });
  }
  const visited = visitedNames(run.gathered_context_text);
  const steps = seen.map(({ id, at, line }, index) => ({
    line,
    name: nameOf(id) ?? (visited.length === seen.length ? visited[index] : undefined) ?? '',
    fromMs: at,
    toMs: seen[index + 1]?.at ?? Math.max(at, endMs),
  }));
  return steps.every((step) => step.name !== '') ? steps : [];
}
