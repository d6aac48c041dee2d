/**
 * Where the steps of an agent are drawn: in layers, each below the step that leads to it first, in an
 * order that keeps ways from crossing where that is cheap. Small graphs drawn by one person are meant;
 * it is our own because it is a page long. Sizes are in pixels.
 */
import type { Definition, DefinitionNode } from '$lib/api/types';
import { inOrder, isAside, type Edge } from './definition';

export const NODE = { width: 148, height: 44, gapX: 36 };
/** A label and the room around it; labels over each other get a line of their own. */
const LABEL = { width: 132, height: 30 };
const GAP = 34;
const MARGIN = 14;
/** Between two ways from the same step to the same step. */
const BESIDE = 18;
/** Rounds of putting each step under the middle of those that lead to it, and back. */
const SWEEPS = 4;

export interface Placed {
  node: DefinitionNode;
  x: number;
  y: number;
  layer: number;
}

export interface Line {
  edge: Edge;
  path: string;
  /** The middle of the line, where its label stands. */
  x: number;
  y: number;
}

export interface Drawing {
  nodes: Placed[];
  lines: Line[];
  width: number;
  height: number;
}

export function layout(definition: Definition): Drawing {
  const ordered = inOrder(definition);
  const talking = ordered.filter((n) => !isAside(n.type));
  const ids = new Set(talking.map((n) => n.id));
  const edges = definition.edges.filter((e) => ids.has(e.source) && ids.has(e.target));
  const layers = rows(talking, edges);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) arrange(layers, edges, sweep % 2 === 0);
  // What stands beside the conversation stands below it.
  const aside = ordered.filter((n) => isAside(n.type));
  const perRow = Math.max(2, ...layers.map((l) => l.length));
  for (let at = 0; at < aside.length; at += perRow) layers.push(aside.slice(at, at + perRow));

  const widest = Math.max(1, ...layers.map((l) => l.length));
  const width = MARGIN * 2 + widest * (NODE.width + NODE.gapX) - NODE.gapX;
  const placed = new Map<string, Placed>();
  layers.forEach((row, layer) => {
    const used = row.length * (NODE.width + NODE.gapX) - NODE.gapX;
    row.forEach((node, at) => {
      const x = (width - used) / 2 + at * (NODE.width + NODE.gapX);
      placed.set(node.id, { node, layer, x, y: 0 });
    });
  });
  const labels = shelves(edges, placed);
  let y = MARGIN;
  for (const [layer, row] of layers.entries()) {
    for (const node of row) placed.set(node.id, { ...(placed.get(node.id) as Placed), y });
    y += NODE.height + GAP + (labels.tall[layer] ?? 0) * LABEL.height;
  }
  return {
    nodes: ordered.flatMap((n) => placed.get(n.id) ?? []),
    lines: lines(edges, placed, labels.shelf),
    width,
    height: y - GAP + MARGIN,
  };
}

/** Below each row the labels of the ways out of it, on as many shelves as keep them apart. */
function shelves(edges: Edge[], placed: Map<string, Placed>): { shelf: Map<Edge, number>; tall: number[] } {
  const shelf = new Map<Edge, number>();
  const tall: number[] = [];
  const taken: number[][][] = [];
  const middle = (edge: Edge) =>
    ((placed.get(edge.source)?.x ?? 0) + (placed.get(edge.target)?.x ?? 0) + NODE.width) / 2;
  for (const edge of edges.toSorted((a, b) => middle(a) - middle(b))) {
    const from = placed.get(edge.source);
    const to = placed.get(edge.target);
    if (!from || !to || to.layer <= from.layer) continue;
    const rowsTaken = (taken[from.layer] ??= []);
    const x = middle(edge);
    let at = rowsTaken.findIndex((others) => others.every((other) => Math.abs(other - x) >= LABEL.width));
    if (at < 0) at = rowsTaken.length;
    (rowsTaken[at] ??= []).push(x);
    shelf.set(edge, at);
    tall[from.layer] = rowsTaken.length;
  }
  return { shelf, tall };
}

/** Steps by the longest way to them; a way that leads back up does not count. */
function rows(nodes: DefinitionNode[], edges: Edge[]): DefinitionNode[][] {
  const back = backEdges(nodes, edges);
  const depth = new Map(nodes.map((n) => [n.id, 0]));
  // As many rounds as steps: without ways back nothing is deeper than that.
  for (let round = 0; round < nodes.length; round += 1) {
    let moved = false;
    for (const edge of edges) {
      if (back.has(edge)) continue;
      const below = (depth.get(edge.source) ?? 0) + 1;
      if (below <= (depth.get(edge.target) ?? 0)) continue;
      depth.set(edge.target, below);
      moved = true;
    }
    if (!moved) break;
  }
  const layers: DefinitionNode[][] = [];
  for (const node of nodes) (layers[depth.get(node.id) ?? 0] ??= []).push(node);
  return layers.filter((layer) => layer !== undefined);
}

function backEdges(nodes: DefinitionNode[], edges: Edge[]): Set<Edge> {
  const back = new Set<Edge>();
  const state = new Map<string, 'open' | 'done'>();
  const leaving = (id: string) => edges.filter((e) => e.source === id);
  for (const { id } of nodes) {
    if (state.has(id)) continue;
    // By hand and not by recursion: a long chain is deeper than the stack.
    const stack = [{ id, left: leaving(id) }];
    state.set(id, 'open');
    while (stack.length > 0) {
      const top = stack.at(-1);
      const edge = top?.left.pop();
      if (!top || !edge) {
        if (top) state.set(top.id, 'done');
        stack.pop();
      } else if (state.get(edge.target) === 'open') {
        back.add(edge);
      } else if (!state.has(edge.target)) {
        state.set(edge.target, 'open');
        stack.push({ id: edge.target, left: leaving(edge.target) });
      }
    }
  }
  return back;
}

/** Puts each row in the order of the middles of its neighbours in the row before it. */
function arrange(layers: DefinitionNode[][], edges: Edge[], down: boolean): void {
  const rowsInTurn = down ? layers : layers.toReversed();
  for (const [at, row] of rowsInTurn.entries()) {
    const before = rowsInTurn[at - 1];
    if (!before) continue;
    const places = new Map(before.map((n, place) => [n.id, place / Math.max(1, before.length - 1)]));
    const middle = new Map(
      row.map((n, place) => {
        const near = edges.flatMap((e) => {
          const other = down ? (e.target === n.id ? e.source : '') : e.source === n.id ? e.target : '';
          const found = places.get(other);
          return found === undefined ? [] : [found];
        });
        const own = place / Math.max(1, row.length - 1);
        return [n.id, near.length === 0 ? own : near.reduce((sum, x) => sum + x, 0) / near.length];
      }),
    );
    row.sort((a, b) => (middle.get(a.id) ?? 0) - (middle.get(b.id) ?? 0));
  }
}

function lines(edges: Edge[], placed: Map<string, Placed>, shelf: Map<Edge, number>): Line[] {
  return edges.flatMap((edge) => {
    const from = placed.get(edge.source);
    const to = placed.get(edge.target);
    if (!from || !to) return [];
    const same = edges.filter((other) => other.source === edge.source && other.target === edge.target);
    const beside = (same.indexOf(edge) - (same.length - 1) / 2) * BESIDE;
    const at = shelf.get(edge);
    return [{ edge, ...(at === undefined ? upward(from, to, beside) : downward(from, to, beside, at)) }];
  });
}

/** From the lower edge of one step through its label to the upper edge of the other. */
function downward(
  from: Placed,
  to: Placed,
  beside: number,
  shelf: number,
): { path: string; x: number; y: number } {
  const [x1, y1] = [from.x + NODE.width / 2 + beside, from.y + NODE.height];
  const [x2, y2] = [to.x + NODE.width / 2 + beside, to.y - 2];
  const x = (x1 + x2) / 2;
  const y = y1 + GAP / 2 + (shelf + 0.5) * LABEL.height;
  const [down, on] = [(y - y1) * 0.6, (y2 - y) * 0.6];
  return {
    path: `M${x1} ${y1}C${x1} ${y1 + down} ${x} ${y - down} ${x} ${y}C${x} ${y + on} ${x2} ${y2 - on} ${x2} ${y2}`,
    x,
    y,
  };
}

/** Up again, or to itself, around the right side. */
function upward(from: Placed, to: Placed, beside: number): { path: string; x: number; y: number } {
  const self = from === to;
  const [x1, y1] = [from.x + NODE.width, from.y + NODE.height / 2 + (self ? 10 : 0)];
  const [x2, y2] = [to.x + NODE.width + 2, to.y + NODE.height / 2 - (self ? 10 : 0)];
  const side = Math.max(x1, x2) + 28 + beside;
  return { path: `M${x1} ${y1}C${side} ${y1} ${side} ${y2} ${x2} ${y2}`, x: side - 7, y: (y1 + y2) / 2 };
}
