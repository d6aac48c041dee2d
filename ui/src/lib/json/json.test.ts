import { describe, expect, it } from 'vitest';
import { addVariable, checkContext, contextRows, prettyContext, rawMember, withoutMembers } from './context';
import { lineAndColumn, parseJson } from './parse';

const first = (text: string) => checkContext(text).problems[0];

describe('reading JSON with positions', () => {
  it.each([
    ['{"a": 1,}', 'trailing-comma', 7],
    ['{"a": 1 "b": 2}', 'expected-comma', 8],
    ['{"a" 1}', 'expected-colon', 5],
    ['{a: 1}', 'expected-key', 1],
    ["{'a': 1}", 'single-quotes', 1],
    ['{"a": tru}', 'unknown-word', 6],
    ['{"a": NaN}', 'not-a-number', 6],
    ['{"a": 01}', 'bad-number', 6],
    ['{"a": 1.}', 'bad-number', 6],
    ['{"a": "x}', 'unclosed-string', 6],
    ['{"a": "\\x"}', 'bad-escape', 7],
    ['{"a": "\\ud800"}', 'lone-surrogate', 7],
    ['{"a": "\t"}', 'control-character', 7],
    ['{"a": [1, 2}', 'expected-comma', 11],
    ['{"a": 1} x', 'trailing-text', 9],
    ['{"a": ', 'expected-value', 6],
    ['{"a": 1', 'unclosed-object', 0],
    ['[1]', 'not-an-object', 0],
  ])('%s is %s at %i', (text, code, from) => {
    expect(first(text)).toMatchObject({ code, from });
  });

  it('refuses duplicate keys at the second one, in every object', () => {
    const text = '{"a": 1, "b": {"c": 1, "c": 2}, "\\u0061": 3}';
    expect(checkContext(text).problems.map((p) => [p.code, p.subject, p.from])).toEqual([
      ['duplicate-key', 'c', 23],
      ['duplicate-key', 'a', 32],
    ]);
  });

  it('accepts an empty editor as an empty context', () => {
    expect(checkContext('  \n')).toMatchObject({ problems: [], root: { kind: 'object' } });
  });

  it('stops at the depth the server allows', () => {
    expect(parseJson('['.repeat(64) + ']'.repeat(64)).problems).toEqual([]);
    expect(parseJson('['.repeat(65) + ']'.repeat(65)).problems[0]?.code).toBe('too-deep');
    expect(parseJson('['.repeat(100_000)).problems[0]?.code).toBe('too-deep');
  });

  it('agrees with the engine on what is JSON', () => {
    for (const text of [
      '{}',
      '[]',
      '{"a":[1,-2.5e+10,true,null,"\\u00e9\\ud83d\\ude00"]}',
      '{"é":"😀"}',
      ' "x" ',
    ]) {
      expect(parseJson(text).problems).toEqual([]);
      expect(() => JSON.parse(text) as unknown).not.toThrow();
    }
  });

  it('counts lines and columns from one', () => {
    expect(lineAndColumn('{\n  "a": x', 9)).toEqual({ line: 2, column: 8 });
    expect(lineAndColumn('abc', 0)).toEqual({ line: 1, column: 1 });
  });
});

describe('contexts as text', () => {
  it('keeps numbers no float can hold', () => {
    const run = '{"id":1,"initial_context":{"order":12345678901234567890,"rate":0.10}}';
    expect(rawMember(run, 'initial_context')).toBe('{"order":12345678901234567890,"rate":0.10}');
    expect(contextRows(rawMember(run, 'initial_context') ?? '')).toEqual([
      { path: 'order', value: '12345678901234567890' },
      { path: 'rate', value: '0.10' },
    ]);
    expect(prettyContext('{"order":12345678901234567890}')).toBe('{\n  "order": 12345678901234567890\n}');
  });

  it('shows nested objects as dotted rows and lists as they are', () => {
    expect(contextRows('{"user":{"name":"Jo","tags":["a"]},"none":{}}')).toEqual([
      { path: 'user.name', value: 'Jo' },
      { path: 'user.tags', value: '["a"]' },
      { path: 'none', value: '{}' },
    ]);
  });

  it('drops the members a server adds', () => {
    expect(withoutMembers('{"provider":"x","plan":1}', new Set(['provider']))).toBe('{\n  "plan": 1\n}');
  });
});

describe('adding a missing variable', () => {
  it.each([
    ['', 'name', '{\n  "name": ""\n}'],
    ['{}', 'name', '{\n  "name": ""\n}'],
    ['{\n  "a": 1\n}', 'name', '{\n  "a": 1,\n  "name": ""\n}'],
    ['{\n  "user": {}\n}', 'user.name', '{\n  "user": {\n    "name": ""\n  }\n}'],
    ['{}', 'user.name', '{\n  "user": {\n    "name": ""\n  }\n}'],
  ])('%j + %s', (text, path, expected) => {
    const result = addVariable(text, path);
    expect(result?.text).toBe(expected);
    expect(result?.text.slice((result?.caret ?? 0) - 1, (result?.caret ?? 0) + 1)).toBe('""');
  });

  it('leaves a path alone that runs into something else', () => {
    expect(addVariable('{"user": "Jo"}', 'user.name')).toBeNull();
    expect(addVariable('{"name": ""}', 'name')).toBeNull();
  });
});
