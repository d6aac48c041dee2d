/**
 * What the Fire form needs to know about the text of an `initial_context`: whether it may be sent,
 * and the few edits the window offers (add a missing variable, show a stored context as rows).
 * Values stay text from end to end, so a 20-digit order number arrives as it was typed.
 */
import { member, parseJson, type JsonNode, type JsonProblem, type ObjectNode } from './parse';

/** The server's bounds: 64 levels for the whole request body, of which the context is the second. */
const MAX_CONTEXT_DEPTH = 63;

export type ContextProblemCode = JsonProblem['code'] | 'not-an-object';

export interface ContextProblem {
  code: ContextProblemCode;
  from: number;
  to: number;
  subject?: string;
}

export interface CheckedContext {
  /** Null while `problems` is not empty. */
  root: ObjectNode | null;
  problems: ContextProblem[];
}

/** An empty editor means an empty context. */
export function contextOrEmpty(text: string): string {
  return text.trim() === '' ? '{}' : text;
}

/** The last text and what was found: the editor and the form ask about the same one with every key. */
let checkedLast: { text: string; checked: CheckedContext } | null = null;

export function checkContext(text: string): CheckedContext {
  if (checkedLast?.text !== text) checkedLast = { text, checked: check(text) };
  return checkedLast.checked;
}

function check(text: string): CheckedContext {
  const parsed = parseJson(contextOrEmpty(text), MAX_CONTEXT_DEPTH);
  const problems: ContextProblem[] = parsed.problems;
  if (problems.length > 0 || !parsed.root) return { root: null, problems };
  if (parsed.root.kind !== 'object') {
    return {
      root: null,
      problems: [{ code: 'not-an-object', from: parsed.root.start, to: parsed.root.end }],
    };
  }
  return { root: parsed.root, problems };
}

/**
 * Adds an empty string at a dotted path, making the objects on the way, and answers the new text
 * with the place of the caret (between the quotes). A path that runs into a non-object is left alone.
 */
export function addVariable(text: string, path: string): { text: string; caret: number } | null {
  const source = contextOrEmpty(text);
  const { root } = checkContext(source);
  if (!root) return null;
  let at: ObjectNode = root;
  let depth = 1;
  const names = path.split('.');
  while (names.length > 1) {
    const next = member(at, names[0] ?? '');
    if (!next) break;
    if (next.kind !== 'object') return null;
    at = next;
    depth += 1;
    names.shift();
  }
  if (member(at, names[0] ?? '')) return null;
  return insertAt(source, at, names, depth);
}

function insertAt(source: string, at: ObjectNode, names: string[], depth: number) {
  const open: string[] = [];
  const close: string[] = [];
  names.slice(0, -1).forEach((name, i) => {
    open.push(`${'  '.repeat(depth + i)}${JSON.stringify(name)}: {\n`);
    close.unshift(`\n${'  '.repeat(depth + i)}}`);
  });
  const inner = '  '.repeat(depth + names.length - 1);
  const head = `${open.join('')}${inner}${JSON.stringify(names.at(-1) ?? '')}: "`;
  const last = at.members.at(-1);
  const cut = last ? last.value.end : at.start + 1;
  const tail = last ? source.slice(cut) : `\n${'  '.repeat(depth - 1)}${source.slice(at.end - 1)}`;
  const before = `${source.slice(0, cut)}${last ? ',' : ''}\n${head}`;
  return { text: `${before}"${close.join('')}${tail}`, caret: before.length };
}

export interface ContextRow {
  path: string;
  /** As it should be read: strings without quotes, everything else as it was written. */
  value: string;
}

/** A stored context as rows `a.b` → value; lists and empty objects stay in one row. */
export function contextRows(text: string): ContextRow[] {
  const { root } = parseJson(text, 256);
  if (root?.kind !== 'object') return [];
  const rows: ContextRow[] = [];
  const walk = (node: JsonNode, path: string): void => {
    if (node.kind === 'object' && (node.members.length > 0 || path === '')) {
      for (const m of node.members) walk(m.value, path === '' ? m.key : `${path}.${m.key}`);
      return;
    }
    const raw = text.slice(node.start, node.end);
    rows.push({ path, value: node.kind === 'string' ? (JSON.parse(raw) as string) : raw });
  };
  walk(root, '');
  return rows;
}

/** The exact text of one member of a JSON document, or null: how contexts keep their big numbers. */
export function rawMember(text: string, ...path: string[]): string | null {
  let node = parseJson(text, 256).root;
  for (const key of path) node = member(node, key);
  return node ? text.slice(node.start, node.end) : null;
}

/** A context laid out again with two spaces, values untouched. */
export function prettyContext(text: string): string {
  const { root } = parseJson(text, 256);
  if (!root) return text;
  const write = (node: JsonNode, indent: string): string => {
    const inner = `${indent}  `;
    if (node.kind === 'object' && node.members.length > 0) {
      const lines = node.members.map((m) => `${inner}${JSON.stringify(m.key)}: ${write(m.value, inner)}`);
      return `{\n${lines.join(',\n')}\n${indent}}`;
    }
    if (node.kind === 'array' && node.items.length > 0) {
      return `[\n${node.items.map((item) => `${inner}${write(item, inner)}`).join(',\n')}\n${indent}]`;
    }
    return text.slice(node.start, node.end);
  };
  return write(root, '');
}

/** `text` without the top-level members `names`: a stored context turned back into what a caller sends. */
export function withoutMembers(text: string, names: ReadonlySet<string>): string {
  const { root } = parseJson(text, 256);
  if (root?.kind !== 'object') return '{}';
  const kept = root.members.filter((m) => !names.has(m.key));
  const body = kept
    .map((m) => `${JSON.stringify(m.key)}:${text.slice(m.value.start, m.value.end)}`)
    .join(',');
  return prettyContext(`{${body}}`);
}
