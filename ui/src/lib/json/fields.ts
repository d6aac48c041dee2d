/**
 * An `initial_context` as the fields of a form, and what typing into one of them does to the text. The
 * text stays the only truth: an edit replaces the characters of one value, so order, big numbers and
 * everything the form does not show stay as they were typed.
 */
import type { PreviewVariable } from '$lib/api/types';
import { addVariable, checkContext } from './context';
import { member, type JsonNode, type ObjectNode } from './parse';

/** Names of members and indices of items, from the outside in. */
export type FieldPath = (string | number)[];

/** `absent` is a variable that the text does not name; `hollow` an empty list or group. */
export type FieldKind = 'absent' | 'text' | 'number' | 'truth' | 'null' | 'hollow';

export interface ContextField {
  /** The same for one place in the context, whatever its value. */
  id: string;
  path: FieldPath;
  kind: FieldKind;
  /** Texts without quotes, everything else as it was written. */
  value: string;
  /** What the agent does with it, or null where it does not use it. */
  variable: PreviewVariable | null;
}

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function at(root: JsonNode, path: FieldPath): JsonNode | null {
  let node: JsonNode | null = root;
  for (const step of path) {
    if (node?.kind === 'array' && typeof step === 'number') node = node.items[step] ?? null;
    else if (node?.kind === 'object' && typeof step === 'string') node = member(node, step);
    else return null;
  }
  return node;
}

/** The agent's variables in its order, then everything else that is sent, in the text's order. */
export function contextFields(
  text: string,
  root: ObjectNode,
  variables: PreviewVariable[],
): { used: ContextField[]; others: ContextField[] } {
  const leaves = new Map<string, ContextField>();
  const walk = (node: JsonNode, path: FieldPath): void => {
    if (node.kind === 'object' && (node.members.length > 0 || path.length === 0)) {
      for (const m of node.members) walk(m.value, [...path, m.key]);
    } else if (node.kind === 'array' && node.items.length > 0) {
      node.items.forEach((item, index) => walk(item, [...path, index]));
    } else {
      const id = JSON.stringify(path);
      leaves.set(id, { id, path, variable: null, ...read(text, node) });
    }
  };
  walk(root, []);
  const used = new Map<string, ContextField>();
  for (const variable of variables) {
    const path = variable.name.split('.');
    const under = at(root, path);
    const prefix = JSON.stringify(path).slice(0, -1);
    if (!under) {
      const id = JSON.stringify(path);
      used.set(id, { id, path, kind: 'absent', value: '', variable });
    }
    for (const leaf of under ? leaves.values() : []) {
      const inside = leaf.id === `${prefix}]` || leaf.id.startsWith(`${prefix},`);
      if (inside && !used.has(leaf.id)) used.set(leaf.id, { ...leaf, variable });
    }
  }
  return { used: [...used.values()], others: [...leaves.values()].filter((leaf) => !used.has(leaf.id)) };
}

function read(text: string, node: JsonNode): Pick<ContextField, 'kind' | 'value'> {
  const raw = text.slice(node.start, node.end);
  if (node.kind === 'string') return { kind: 'text', value: JSON.parse(raw) as string };
  if (node.kind === 'number') return { kind: 'number', value: raw };
  if (node.kind === 'boolean') return { kind: 'truth', value: raw };
  return node.kind === 'null' ? { kind: 'null', value: '' } : { kind: 'hollow', value: raw };
}

/** What is written for typed characters: a number only where one was, and only while it is one. */
export function written(typed: string, numeric: boolean): string {
  return numeric && JSON_NUMBER.test(typed) ? typed : JSON.stringify(typed);
}

/** `text` with the value at `path` written as `raw`; a place that is not there yet is made. */
export function withValue(text: string, path: FieldPath, raw: string): string {
  const { root } = checkContext(text);
  if (!root) return text;
  const node = at(root, path);
  if (node) return text.slice(0, node.start) + raw + text.slice(node.end);
  const added = addVariable(text, path.join('.'));
  if (!added) return text;
  return added.text.slice(0, added.caret - 1) + raw + added.text.slice(added.caret + 1);
}

/** `text` without the member at `path`, and without the groups that it leaves empty. */
export function withoutField(text: string, path: FieldPath): string {
  const { root } = checkContext(text);
  const name = path.at(-1);
  const parent = root && at(root, path.slice(0, -1));
  if (parent?.kind !== 'object' || name === undefined) return text;
  const index = parent.members.findIndex((m) => m.key === name);
  const gone = parent.members[index];
  if (!gone) return text;
  if (parent.members.length === 1 && typeof path.at(-2) === 'string') {
    return withoutField(text, path.slice(0, -1));
  }
  const before = parent.members[index - 1];
  const after = parent.members[index + 1];
  if (before) return text.slice(0, before.value.end) + text.slice(gone.value.end);
  if (after) return text.slice(0, gone.keyStart) + text.slice(after.keyStart);
  return `${text.slice(0, parent.start)}{}${text.slice(parent.end)}`;
}

/** A name as a person would write it: `user.first_name` is “User first name”. */
export function spokenName(path: FieldPath): string {
  const words = path
    .map((step) => (typeof step === 'number' ? String(step + 1) : step))
    .join(' ')
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .split(/[\s_.-]+/)
    .filter((word) => word !== '')
    .map((word) => (/^\p{Lu}\p{Ll}+$/u.test(word) ? word.toLowerCase() : word));
  const name = words.join(' ');
  return name === '' ? path.join('.') : name.charAt(0).toUpperCase() + name.slice(1);
}
