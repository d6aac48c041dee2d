/** Which steps and ways of a drawing a call took, so that its path can be lit there. */
import type { Definition } from '$lib/api/types';

export interface Lit {
  /** By node: the places it has in the path, counted from 1. */
  nodes: Map<string, number[]>;
  /** Ids of ways. */
  edges: Set<string>;
}

/** Between two steps with several ways nobody knows which was taken: all of them are lit. */
export function lightOf(definition: Definition, path: readonly string[]): Lit {
  const nodes = new Map<string, number[]>();
  const edges = new Set<string>();
  for (const [at, id] of path.entries()) {
    nodes.set(id, [...(nodes.get(id) ?? []), at + 1]);
    for (const edge of definition.edges)
      if (edge.source === path[at - 1] && edge.target === id) edges.add(edge.id);
  }
  return { nodes, edges };
}
