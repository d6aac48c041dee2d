import { describe, expect, it } from 'vitest';
import type { Definition } from '$lib/api/types';
import { layout, NODE } from './layout';
import { starter } from './starters';

const TYPES: Record<string, string> = { start: 'startCall', end: 'endCall' };

function graph(...ways: [string, string][]): Definition {
  const ids = [...new Set(ways.flat())];
  return {
    nodes: ids.map((id) => ({ id, type: TYPES[id] ?? 'agentNode', data: { name: id } })),
    edges: ways.map(([source, target], at) => ({ id: `e${at}`, source, target })),
  };
}

function layers(definition: Definition): Record<string, number> {
  return Object.fromEntries(layout(definition).nodes.map((n) => [n.node.id, n.layer]));
}

/** From where to where a way is drawn, across. */
function ends(path = ''): [string?, string?] {
  return [/^M([\d.]+)/.exec(path)?.[1], /([\d.]+) [\d.]+$/.exec(path)?.[1]];
}

describe('the drawing', () => {
  it('puts a step below every step that leads to it', () => {
    expect(layers(graph(['start', 'a'], ['start', 'end'], ['a', 'b'], ['b', 'end']))).toEqual({
      start: 0,
      a: 1,
      b: 2,
      end: 3,
    });
  });

  it('ends with ways that lead back, and with a step that leads to itself', () => {
    expect(layers(graph(['start', 'a'], ['a', 'b'], ['b', 'a'], ['b', 'b'], ['b', 'end']))).toEqual({
      start: 0,
      a: 1,
      b: 2,
      end: 3,
    });
  });

  it('never puts two steps over each other, and none outside', () => {
    const { nodes, width, height } = layout(starter('reminder'));
    for (const [at, a] of nodes.entries()) {
      expect(a.x).toBeGreaterThanOrEqual(0);
      expect(a.x + NODE.width).toBeLessThanOrEqual(width);
      expect(a.y + NODE.height).toBeLessThanOrEqual(height);
      for (const b of nodes.slice(at + 1)) {
        const apart = Math.abs(a.x - b.x) >= NODE.width || Math.abs(a.y - b.y) >= NODE.height;
        expect(apart, `${a.node.id} and ${b.node.id}`).toBe(true);
      }
    }
  });

  it('crosses no ways where it need not', () => {
    const { nodes } = layout(graph(['start', 'a'], ['start', 'b'], ['b', 'd'], ['a', 'c'], ['b', 'e']));
    const x = (id: string) => nodes.find((n) => n.node.id === id)?.x ?? 0;
    expect(x('a') < x('b')).toBe(x('c') < x('d'));
  });

  it('draws two ways between the same steps apart', () => {
    const [one, two] = layout(graph(['start', 'end'], ['start', 'end'])).lines;
    expect(ends(one?.path)[0]).not.toBe(ends(two?.path)[0]);
    expect(ends(one?.path)[1]).not.toBe(ends(two?.path)[1]);
  });

  it('draws a way to a step that is gone not at all', () => {
    const broken = graph(['start', 'end']);
    broken.edges.push({ id: 'x', source: 'start', target: 'gone' });
    expect(layout(broken).lines).toHaveLength(1);
  });

  it('draws a long chain', () => {
    const ways = Array.from({ length: 300 }, (_, n): [string, string] => [`n${n}`, `n${n + 1}`]);
    expect(layout(graph(...ways)).nodes).toHaveLength(301);
  });
});
