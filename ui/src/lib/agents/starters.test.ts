import { describe, expect, it } from 'vitest';
import { starter, STARTERS } from './starters';

describe('starters', () => {
  it.each(STARTERS)('%s: every step is reached and every edge leads somewhere', (which) => {
    const { nodes, edges } = starter(which);
    const ids = new Set(nodes.map((node) => node.id));
    for (const edge of edges) expect(ids.has(edge.source) && ids.has(edge.target), edge.id).toBe(true);
    const reached = new Set(edges.map((edge) => edge.target));
    const lonely = nodes.filter((n) => !['startCall', 'trigger'].includes(n.type) && !reached.has(n.id));
    expect(lonely).toEqual([]);
    expect(new Set(edges.map((edge) => edge.id)).size).toBe(edges.length);
  });
});
