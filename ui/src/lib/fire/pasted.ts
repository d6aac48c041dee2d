/**
 * What a pasted text becomes: one call or several, each with its number and its context. A cURL command and
 * JSON keep their values as they were written; the cells of a table are texts, because a spreadsheet does not
 * say which of them are numbers.
 */
import { contextRows, prettyContext, rawMember } from '$lib/json/context';
import { withValue } from '$lib/json/fields';
import { parseJson } from '$lib/json/parse';

export interface PastedCall {
  /** As it was written, or empty. */
  number: string;
  /** A JSON object as text. */
  contextText: string;
}

export interface Pasted {
  kind: 'curl' | 'json' | 'table' | 'nothing';
  calls: PastedCall[];
}

const NOTHING: Pasted = { kind: 'nothing', calls: [] };

/** `variables` are the agent's, in its order; they name the cells of a row without a head. */
export function readPasted(text: string, variables: string[]): Pasted {
  const trimmed = text.trim();
  if (trimmed === '') return NOTHING;
  if (/^(\$\s*)?curl\s/.test(trimmed)) {
    const call = ofBody(curlBody(trimmed));
    return call ? { kind: 'curl', calls: [call] } : NOTHING;
  }
  if (trimmed.startsWith('{')) {
    const call = ofBody(trimmed);
    return call ? { kind: 'json', calls: [call] } : NOTHING;
  }
  const calls = ofTable(trimmed, variables);
  return calls.length > 0 ? { kind: 'table', calls } : NOTHING;
}

/** A whole request, or a context alone. */
function ofBody(body: string | null): PastedCall | null {
  if (body === null) return null;
  const { root, problems } = parseJson(body, 64);
  if (root?.kind !== 'object' || problems.length > 0) return null;
  const names = root.members.map((m) => m.key);
  if (!names.includes('phone_number') && !names.includes('initial_context')) {
    return { number: '', contextText: prettyContext(body) };
  }
  const number = contextRows(body).find((row) => row.path === 'phone_number')?.value ?? '';
  const context = rawMember(body, 'initial_context');
  return { number, contextText: context?.startsWith('{') ? prettyContext(context) : '{}' };
}

/** The body of a cURL command, as its shell would hand it over. */
function curlBody(command: string): string | null {
  const words = shellWords(command);
  for (const [index, word] of words.entries()) {
    const flag = /^(?:-d|--data|--data-raw|--data-binary|--data-ascii|--json)(?:=(.*))?$/s.exec(word);
    if (flag) return flag[1] ?? words[index + 1] ?? null;
    if (/^-d./s.test(word)) return word.slice(2);
  }
  return null;
}

/** Splits a command as a POSIX shell does, without expanding anything. */
export function shellWords(command: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (let i = 0; i < command.length; i += 1) {
    const c = command[i] ?? '';
    if (c === "'") {
      const end = command.indexOf("'", i + 1);
      word = (word ?? '') + command.slice(i + 1, end < 0 ? undefined : end);
      i = end < 0 ? command.length : end;
    } else if (c === '"') {
      word ??= '';
      for (i += 1; i < command.length && command[i] !== '"'; i += 1) {
        if (command[i] === '\\' && '"\\$`\n'.includes(command[i + 1] ?? ' ')) i += 1;
        word += command[i];
      }
    } else if (c === '\\') {
      i += 1;
      if (command[i] === '\r') i += 1;
      if (command[i] !== '\n') word = (word ?? '') + (command[i] ?? '');
    } else if (/\s/.test(c)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = (word ?? '') + c;
    }
  }
  if (word !== null) words.push(word);
  return words;
}

const looksLikeNumber = (cell: string): boolean =>
  /^'?[+(]?[\d\s().\-/]{6,}$/.test(cell.trim()) && cell.replace(/\D/g, '').length >= 7;

const plain = (name: string): string => name.toLowerCase().replace(/[^\p{L}\d]/gu, '');

function ofTable(text: string, variables: string[]): PastedCall[] {
  const rows = cells(text).filter((row) => row.some((cell) => cell.trim() !== ''));
  const [first = []] = rows;
  const hasHead = rows.length > 1 && !first.some(looksLikeNumber);
  const body = hasHead ? rows.slice(1) : rows;
  const named = hasHead ? first.findIndex((name) => /phone|number|mobile|^tel|^to$/i.test(name.trim())) : -1;
  const counted = first.findIndex(
    (_, i) => body.length > 0 && body.every((row) => looksLikeNumber(row[i] ?? '')),
  );
  const at = named >= 0 ? named : counted;
  // One cell is a number, or it is nothing that a call could be made of.
  if (at < 0 && !hasHead) return [];
  const others = first.map((_, i) => i).filter((i) => i !== at);
  return body.map((row) => {
    let contextText = '{}';
    others.forEach((column, index) => {
      const name = hasHead ? nameOf(first[column] ?? '', variables) : (variables[index] ?? '');
      const value = (row[column] ?? '').trim();
      if (name !== '' && value !== '') {
        contextText = withValue(contextText, name.split('.'), JSON.stringify(value));
      }
    });
    return { number: at < 0 ? '' : (row[at] ?? '').trim().replace(/^'/, ''), contextText };
  });
}

/** “Customer name” in a table is `customer_name` of the agent. */
function nameOf(head: string, variables: string[]): string {
  const trimmed = head.trim();
  return variables.find((variable) => plain(variable) === plain(trimmed)) ?? trimmed.replaceAll(' ', '_');
}

/** Rows of a table as spreadsheets and exports write them: tabs, semicolons or commas, quotes doubled. */
function cells(text: string): string[][] {
  const [line = ''] = text.split('\n');
  const separator = ['\t', ';', ','].find((mark) => line.includes(mark)) ?? ',';
  const rows: string[][] = [[]];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const c = text[i] ?? '';
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') cell += text[(i += 1)];
      else quoted = false;
    } else if (c === '"' && cell === '') {
      quoted = true;
    } else if (c === separator || c === '\n') {
      rows.at(-1)?.push(cell);
      cell = '';
      if (c === '\n') rows.push([]);
    } else if (c !== '\r') {
      cell += c;
    }
  }
  rows.at(-1)?.push(cell);
  return rows;
}

/** Whether a text pasted into the number field is more than a number. */
export function isMoreThanNumber(text: string): boolean {
  return /[\t\n{]/.test(text.trim()) || /^\s*curl\s/.test(text) || /[,;].*\p{L}/u.test(text);
}
