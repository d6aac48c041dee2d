/**
 * Changes of a definition, each as a new definition: what is not changed keeps its identity, so that
 * undoing is keeping the old one. Nothing here knows the server or what may be published.
 */
import type { NodeSpec, PropertySpec } from '$lib/api/agents';
import type { Definition, DefinitionNode } from '$lib/api/types';

export type Edge = Definition['edges'][number];

/** What is open in the form. */
export type Selection = { kind: 'node' | 'edge'; id: string };

export function nameOf(definition: Definition, id: string): string {
  const node = definition.nodes.find((n) => n.id === id);
  const name = node?.data?.name;
  return typeof name === 'string' && name.trim() !== '' ? name : id;
}

export function textOf(data: Record<string, unknown> | undefined, member: string): string {
  const value = data?.[member];
  return typeof value === 'string' ? value : '';
}

/** A member set to undefined is taken away. */
export function changeNode(definition: Definition, id: string, change: Record<string, unknown>): Definition {
  const nodes = definition.nodes.map((n) => (n.id === id ? { ...n, data: merged(n.data, change) } : n));
  return { ...definition, nodes };
}

export function changeEdge(
  definition: Definition,
  id: string,
  change: { source?: string; target?: string; data?: Record<string, unknown> },
): Definition {
  const edges = definition.edges.map((edge) =>
    edge.id === id ? { ...edge, ...change, data: merged(edge.data ?? {}, change.data ?? {}) } : edge,
  );
  return { ...definition, edges };
}

export function addNode(
  definition: Definition,
  spec: NodeSpec,
): { definition: Definition; added: DefinitionNode } {
  const data: Record<string, unknown> = {};
  for (const property of spec.properties) {
    if (property.default !== undefined && property.default !== null) data[property.name] = property.default;
  }
  const lowest = Math.max(0, ...definition.nodes.map((n) => placeOf(n).y));
  const added = {
    id: unique(spec.name, definition.nodes),
    type: spec.name,
    // Other editors draw from positions; below everything else nothing is covered.
    position: { x: 0, y: lowest + 160 },
    data,
  } as DefinitionNode;
  return { definition: { ...definition, nodes: [...definition.nodes, added] }, added };
}

/** The edges that lead to it or from it go too. */
export function removeNode(definition: Definition, id: string): Definition {
  return {
    ...definition,
    nodes: definition.nodes.filter((n) => n.id !== id),
    edges: definition.edges.filter((edge) => edge.source !== id && edge.target !== id),
  };
}

export function addEdge(
  definition: Definition,
  source: string,
  target: string,
): { definition: Definition; added: Edge } {
  const id = unique(`${source}-${target}`, definition.edges);
  const added: Edge = { id, source, target, data: { label: '', condition: '' } };
  return { definition: { ...definition, edges: [...definition.edges, added] }, added };
}

export function removeEdge(definition: Definition, id: string): Definition {
  return { ...definition, edges: definition.edges.filter((edge) => edge.id !== id) };
}

export function edgesFrom(definition: Definition, id: string): Edge[] {
  return definition.edges.filter((edge) => edge.source === id);
}

/** The conversation's types; the others stand beside it and have no edges. */
const TALKING = new Set(['startCall', 'agentNode', 'endCall']);
const ASIDE = new Set(['globalNode', 'trigger', 'webhook', 'qa']);

export function mayLead(type: string): boolean {
  return type !== 'endCall' && !ASIDE.has(type);
}

export function mayBeReached(type: string): boolean {
  return type !== 'startCall' && !ASIDE.has(type);
}

export function isAside(type: string): boolean {
  return ASIDE.has(type);
}

/** Steps as a call meets them, from the start along the edges; what no edge reaches comes after. */
export function inOrder(definition: Definition): DefinitionNode[] {
  const known = new Map(definition.nodes.map((n) => [n.id, n]));
  const ordered = new Set<DefinitionNode>(definition.nodes.filter((n) => n.type === 'startCall'));
  for (const node of ordered) {
    for (const edge of edgesFrom(definition, node.id)) {
      const target = known.get(edge.target);
      if (target) ordered.add(target);
    }
  }
  // A goodbye is read last, however early one edge leads to it.
  const ends = [...ordered].filter((n) => n.type === 'endCall');
  for (const end of ends) ordered.delete(end);
  for (const end of ends) ordered.add(end);
  const rest = definition.nodes.filter((n) => !ordered.has(n));
  const talking = rest.filter((n) => TALKING.has(n.type));
  return [...ordered, ...talking, ...rest.filter((n) => !TALKING.has(n.type))];
}

/** Whether a field is to be shown beside what the other fields say. */
export function isShown(
  property: PropertySpec,
  data: Record<string, unknown>,
  all: readonly PropertySpec[],
): boolean {
  const valueOf = (name: string) => data[name] ?? all.find((p) => p.name === name)?.default;
  const matches = ([name, values]: [string, unknown]) =>
    Array.isArray(values) && values.includes(valueOf(name));
  const { show, hide } = property.display_options ?? {};
  return Object.entries(show ?? {}).every(matches) && !Object.entries(hide ?? {}).some(matches);
}

/** The definition in a parsed JSON text, or null when it has not the shape of one. */
export function readDefinition(value: unknown): Definition | null {
  if (typeof value !== 'object' || value === null) return null;
  const { nodes, edges } = value as Record<string, unknown>;
  if (!Array.isArray(nodes) || !Array.isArray(edges)) return null;
  const whole =
    nodes.every((n) => hasTexts(n, 'id', 'type') && isObject((n as { data?: unknown }).data)) &&
    edges.every((edge) => hasTexts(edge, 'id', 'source', 'target'));
  return whole ? (value as Definition) : null;
}

/** Whether two JSON values say the same; the order of members says nothing. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, at) => same(item, b[at]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => name in b && same(a[name], b[name]));
}

function merged(data: Record<string, unknown>, change: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries({ ...data, ...change }).filter(([, value]) => value !== undefined),
  );
}

function unique(wish: string, taken: { id: string }[]): string {
  const ids = new Set(taken.map((t) => t.id));
  let id = wish;
  for (let n = 2; ids.has(id); n += 1) id = `${wish}-${n}`;
  return id;
}

function placeOf(node: DefinitionNode): { y: number } {
  const y = (node as { position?: { y?: unknown } }).position?.y;
  return { y: typeof y === 'number' ? y : 0 };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasTexts(value: unknown, ...members: string[]): boolean {
  return isObject(value) && members.every((member) => typeof value[member] === 'string');
}
