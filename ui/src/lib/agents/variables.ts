/**
 * The {{variables}} of a text, as the server reads them (contract §4.1), and what is wrong with what
 * only looks like one. A name that nobody has set is no mistake: it may come with a call.
 */
import type { Definition } from '$lib/api/types';

export interface Placeholder {
  from: number;
  to: number;
  name: string;
  /** Said where the call brings no value; null where nothing is. */
  fallback: string | null;
}

export interface TextProblem {
  from: number;
  to: number;
  code: 'unclosed' | 'empty' | 'malformed' | 'unopened';
}

const PLACEHOLDER = /\{\{\s*([^\s|{}]+)\s*(?:\|([^:{}]+)(?::([^{}]+))?)?\}\}/g;

export function placeholders(text: string): Placeholder[] {
  return [...text.matchAll(PLACEHOLDER)].map((match) => {
    const [whole, name = '', word, rest] = match;
    const fallback = rest ?? word;
    return {
      from: match.index,
      to: match.index + whole.length,
      name: name.replace(/^initial_context\./, ''),
      fallback: fallback === undefined ? null : fallback.trim(),
    };
  });
}

/** Braces that make no variable: they would be read out as they stand. */
export function textProblems(text: string): TextProblem[] {
  const whole = placeholders(text);
  const inside = (at: number) => whole.some((p) => at >= p.from && at < p.to);
  const problems: TextProblem[] = [];
  let covered = 0;
  for (const { index: from } of text.matchAll(/\{\{/g)) {
    if (from < covered || inside(from)) continue;
    const close = text.indexOf('}}', from);
    const next = text.indexOf('{{', from + 2);
    if (close < 0 || (next >= 0 && next < close)) {
      problems.push({ from, to: Math.min(from + 2, text.length), code: 'unclosed' });
      continue;
    }
    covered = close + 2;
    const code = text.slice(from + 2, close).trim() === '' ? 'empty' : 'malformed';
    problems.push({ from, to: covered, code });
  }
  for (const { index: from } of text.matchAll(/\}\}/g)) {
    if (from + 2 <= covered || inside(from)) continue;
    if (problems.some((p) => from >= p.from && from < p.to)) continue;
    problems.push({ from, to: from + 2, code: 'unopened' });
  }
  return problems.toSorted((a, b) => a.from - b.from);
}

/** Filled in without anybody setting them (contract §4.2). */
export const BUILT_IN = ['current_time', 'current_weekday'];

/** Every name that an agent's texts use, and every one that it reads out of a conversation. */
export function variableNames(definition: Definition): string[] {
  const names = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value === 'string') for (const p of placeholders(value)) names.add(p.name);
    else if (Array.isArray(value)) value.forEach(collect);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
  };
  for (const node of definition.nodes) {
    collect(node.data);
    const extracted = node.data.extraction_enabled === true ? node.data.extraction_variables : null;
    if (!Array.isArray(extracted)) continue;
    for (const row of extracted as { name?: unknown }[]) {
      if (typeof row?.name === 'string' && row.name !== '') names.add(`gathered_context.${row.name}`);
    }
  }
  for (const edge of definition.edges) collect(edge.data);
  return [...names].toSorted((a, b) => a.localeCompare(b));
}
