/**
 * The way a conversation took through its agent: which node was spoken from, from when to when. Our
 * own server tells the way; of another instance times come from the transcript, whose lines name
 * their node by id, and names from the gathered context at the end of the call. Where the two do not
 * fit together nothing is claimed.
 */
import type { Run } from '$lib/api/types';
import { between } from '$lib/format';

export interface PathStep {
  nodeId: string;
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

/** The steps until `endMs`. */
export function pathOf(run: Run, endMs: number): PathStep[] {
  const seen: { id: string; at: number; line: number }[] = [];
  for (const [index, line] of run.transcript.entries()) {
    const at = line.offset_ms ?? between(run.created_at, line.at);
    if (line.node_id === null || at === null || line.node_id === seen.at(-1)?.id) continue;
    seen.push({ id: line.node_id, at, line: index });
  }
  const told = new Map((run.path ?? []).map((step) => [step.node_id, step.node_name]));
  const visited = visitedNames(run.gathered_context_text);
  const steps = seen.map(({ id, at, line }, index) => ({
    nodeId: id,
    line,
    name: told.get(id) ?? (visited.length === seen.length ? visited[index] : undefined) ?? '',
    fromMs: at,
    toMs: seen[index + 1]?.at ?? Math.max(at, endMs),
  }));
  return steps.every((step) => step.name !== '') ? steps : [];
}
