import { describe, expect, it } from 'vitest';
import type { Definition } from '$lib/api/types';
import { lightOf } from './lit';

const edge = (id: string, source: string, target: string) => ({ id, source, target });
const definition = {
  nodes: [],
  edges: [edge('ab', 'a', 'b'), edge('ba', 'b', 'a'), edge('ac', 'a', 'c'), edge('ac2', 'a', 'c')],
} as unknown as Definition;

describe('a path on a drawing', () => {
  it('lights the steps with their places and the ways between them', () => {
    const lit = lightOf(definition, ['a', 'b', 'a', 'c']);
    expect([...lit.nodes]).toEqual([
      ['a', [1, 3]],
      ['b', [2]],
      ['c', [4]],
    ]);
    expect([...lit.edges]).toEqual(['ab', 'ba', 'ac', 'ac2']);
  });

  it('lights no way that leads to a step alone', () => {
    expect(lightOf(definition, ['b']).edges.size).toBe(0);
  });
});
