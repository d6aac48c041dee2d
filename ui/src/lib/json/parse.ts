/**
 * A JSON reader that keeps positions, key order and the exact text of every value.
 *
 * `JSON.parse` cannot serve the context editor: it drops duplicate keys without a word, rounds big
 * numbers, and its error positions differ between engines. Nothing here evaluates a value; callers
 * slice the original text, so what a person typed is what is sent.
 */

export type JsonNode = ObjectNode | ArrayNode | ScalarNode;

interface Span {
  /** Offset of the first character. */
  start: number;
  /** Offset behind the last character. */
  end: number;
}

export interface Member {
  key: string;
  keyStart: number;
  keyEnd: number;
  value: JsonNode;
}

export interface ObjectNode extends Span {
  kind: 'object';
  members: Member[];
}

export interface ArrayNode extends Span {
  kind: 'array';
  items: JsonNode[];
}

export interface ScalarNode extends Span {
  kind: 'string' | 'number' | 'boolean' | 'null';
}

export type JsonProblemCode =
  | 'expected-value'
  | 'expected-key'
  | 'expected-colon'
  | 'expected-comma'
  | 'trailing-comma'
  | 'trailing-text'
  | 'unclosed-string'
  | 'unclosed-object'
  | 'unclosed-array'
  | 'bad-escape'
  | 'control-character'
  | 'lone-surrogate'
  | 'bad-number'
  | 'not-a-number'
  | 'single-quotes'
  | 'unknown-word'
  | 'duplicate-key'
  | 'too-deep';

export interface JsonProblem {
  code: JsonProblemCode;
  from: number;
  to: number;
  /** The key or word the problem is about, where there is one. */
  subject?: string;
}

export interface ParsedJson {
  /** Null when the text is not JSON at all. */
  root: JsonNode | null;
  problems: JsonProblem[];
}

class Stop extends Error {}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /[A-Za-z_$][\w$]*/y;

class Reader {
  pos = 0;
  problems: JsonProblem[] = [];

  constructor(
    readonly text: string,
    readonly maxDepth: number,
  ) {}

  /** Reports the first syntax error and gives up: what follows it can only be guessed. */
  fail(code: JsonProblemCode, from = this.pos, to = from + 1, subject?: string): never {
    this.problems.push({
      code,
      from: Math.min(from, this.text.length),
      to: Math.min(to, this.text.length),
      subject,
    });
    throw new Stop();
  }

  space(): void {
    while (' \t\r\n'.includes(this.text[this.pos] ?? 'x')) this.pos += 1;
  }

  value(depth: number): JsonNode {
    this.space();
    const c = this.text[this.pos];
    if (c === undefined) return this.fail('expected-value');
    if (c === '{' || c === '[') {
      if (depth >= this.maxDepth) return this.fail('too-deep');
      return c === '{' ? this.object(depth + 1) : this.array(depth + 1);
    }
    if (c === '"') return this.string();
    if (c === "'") return this.fail('single-quotes');
    if (c === '-' || (c >= '0' && c <= '9')) return this.number();
    return this.word();
  }

  object(depth: number): ObjectNode {
    const start = this.pos;
    this.pos += 1;
    const members: Member[] = [];
    const seen = new Set<string>();
    let comma = -1;
    for (;;) {
      this.space();
      const c = this.text[this.pos];
      if (c === undefined) return this.fail('unclosed-object', start, start + 1);
      if (c === '}') {
        if (comma >= 0) return this.fail('trailing-comma', comma);
        this.pos += 1;
        return { kind: 'object', start, end: this.pos, members };
      }
      if (members.length > 0 && comma < 0) return this.fail('expected-comma', this.pos);
      if (c === "'") return this.fail('single-quotes');
      if (c !== '"') return this.fail('expected-key');
      const found = this.member(depth);
      if (seen.has(found.key)) {
        const { key, keyStart, keyEnd } = found;
        this.problems.push({ code: 'duplicate-key', from: keyStart, to: keyEnd, subject: key });
      }
      seen.add(found.key);
      members.push(found);
      comma = this.comma();
    }
  }

  member(depth: number): Member {
    const name = this.string();
    const key = JSON.parse(this.text.slice(name.start, name.end)) as string;
    this.space();
    if (this.text[this.pos] !== ':') this.fail('expected-colon');
    this.pos += 1;
    return { key, keyStart: name.start, keyEnd: name.end, value: this.value(depth) };
  }

  array(depth: number): ArrayNode {
    const start = this.pos;
    this.pos += 1;
    const items: JsonNode[] = [];
    let comma = -1;
    for (;;) {
      this.space();
      const c = this.text[this.pos];
      if (c === undefined) return this.fail('unclosed-array', start, start + 1);
      if (c === ']') {
        if (comma >= 0) return this.fail('trailing-comma', comma);
        this.pos += 1;
        return { kind: 'array', start, end: this.pos, items };
      }
      if (items.length > 0 && comma < 0) return this.fail('expected-comma', this.pos);
      items.push(this.value(depth));
      comma = this.comma();
    }
  }

  /** Consumes one comma; answers its offset, or -1. */
  comma(): number {
    this.space();
    if (this.text[this.pos] !== ',') return -1;
    this.pos += 1;
    return this.pos - 1;
  }

  string(): ScalarNode {
    const start = this.pos;
    this.pos += 1;
    for (;;) {
      const c = this.text[this.pos];
      if (c === undefined || c === '\n') return this.fail('unclosed-string', start, this.pos);
      if (c === '"') {
        this.pos += 1;
        return { kind: 'string', start, end: this.pos };
      }
      if (c < ' ') return this.fail('control-character');
      if (c === '\\') this.escape();
      else this.character();
    }
  }

  character(): void {
    const code = this.text.codePointAt(this.pos) ?? 0;
    if (code >= 0xd800 && code <= 0xdfff) this.fail('lone-surrogate');
    this.pos += code > 0xffff ? 2 : 1;
  }

  escape(): void {
    const next = this.text[this.pos + 1] ?? '';
    if (next !== 'u') {
      if (next === '' || !'"\\/bfnrt'.includes(next)) this.fail('bad-escape', this.pos, this.pos + 2);
      this.pos += 2;
      return;
    }
    const from = this.pos;
    const first = this.hex(this.pos + 2);
    this.pos += 6;
    if (first >= 0xdc00 && first <= 0xdfff) this.fail('lone-surrogate', from, from + 6);
    if (first >= 0xd800 && first <= 0xdbff) {
      const paired = this.text[this.pos] === '\\' && this.text[this.pos + 1] === 'u';
      const second = paired ? this.hex(this.pos + 2) : 0;
      if (second < 0xdc00 || second > 0xdfff) this.fail('lone-surrogate', from, from + 6);
      this.pos += 6;
    }
  }

  hex(at: number): number {
    const digits = this.text.slice(at, at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.fail('bad-escape', at - 2, at + 4);
    return Number.parseInt(digits, 16);
  }

  number(): ScalarNode {
    const start = this.pos;
    NUMBER.lastIndex = start;
    const match = NUMBER.exec(this.text);
    if (!match) return this.fail('bad-number', start);
    this.pos = NUMBER.lastIndex;
    const rest = /[\w.+-]/.exec(this.text[this.pos] ?? '');
    if (rest) return this.fail('bad-number', start, this.pos + 1);
    return { kind: 'number', start, end: this.pos };
  }

  word(): ScalarNode {
    const start = this.pos;
    WORD.lastIndex = start;
    const word = WORD.exec(this.text)?.[0];
    if (!word) return this.fail('expected-value');
    this.pos += word.length;
    if (word === 'true' || word === 'false') return { kind: 'boolean', start, end: this.pos };
    if (word === 'null') return { kind: 'null', start, end: this.pos };
    const code = word === 'NaN' || word === 'Infinity' ? 'not-a-number' : 'unknown-word';
    return this.fail(code, start, this.pos, word);
  }
}

/**
 * Reads `text` as one JSON value nested at most `maxDepth` deep. The first syntax error ends the
 * reading; duplicate keys before it are all reported.
 */
export function parseJson(text: string, maxDepth = 64): ParsedJson {
  const reader = new Reader(text, maxDepth);
  try {
    const root = reader.value(0);
    reader.space();
    if (reader.pos < text.length) reader.fail('trailing-text', reader.pos, text.length);
    return { root, problems: reader.problems };
  } catch (error) {
    if (error instanceof Stop) return { root: null, problems: reader.problems };
    throw error;
  }
}

/** The member `key` of an object node, or null. */
export function member(node: JsonNode | null, key: string): JsonNode | null {
  if (node?.kind !== 'object') return null;
  return node.members.find((m) => m.key === key)?.value ?? null;
}

/** One-based line and column of an offset, as editors count them. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - before.lastIndexOf('\n') };
}
