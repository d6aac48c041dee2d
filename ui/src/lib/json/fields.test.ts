import { describe, expect, it } from 'vitest';
import type { PreviewVariable } from '$lib/api/types';
import { checkContext } from './context';
import { contextFields, spokenName, withoutField, withValue, written } from './fields';

const TEXT = `{
  "order": 12345678901234567890,
  "customer_name": "Jane",
  "user": { "name": "Jo", "tags": ["a", 1.50, true], "none": null, "gaps": {} },
  "rate": 0.10
}`;

function variable(name: string): PreviewVariable {
  return { name, state: 'set', fallback: null, used_in: ['Greeting'] };
}

function fieldsOf(text: string, ...names: string[]) {
  const { root } = checkContext(text);
  if (!root) throw new Error('not JSON');
  return contextFields(text, root, names.map(variable));
}

const brief = (fields: { path: (string | number)[]; kind: string; value: string }[]) =>
  fields.map((f) => [f.path.join('.'), f.kind, f.value]);

describe('a context as fields', () => {
  it('has the agent’s variables first and in its order, then the rest in the order of the text', () => {
    const { used, others } = fieldsOf(TEXT, 'appointment_date', 'user.name', 'customer_name');
    expect(brief(used)).toEqual([
      ['appointment_date', 'absent', ''],
      ['user.name', 'text', 'Jo'],
      ['customer_name', 'text', 'Jane'],
    ]);
    expect(brief(others)).toEqual([
      ['order', 'number', '12345678901234567890'],
      ['user.tags.0', 'text', 'a'],
      ['user.tags.1', 'number', '1.50'],
      ['user.tags.2', 'truth', 'true'],
      ['user.none', 'null', ''],
      ['user.gaps', 'hollow', '{}'],
      ['rate', 'number', '0.10'],
    ]);
  });

  it('shows the members of a variable that is a whole group', () => {
    expect(brief(fieldsOf('{"user": {"a": "1"}, "userx": 2}', 'user').used)).toEqual([
      ['user.a', 'text', '1'],
    ]);
  });

  it('does not take a name with a dot for a nested one', () => {
    const { used, others } = fieldsOf('{"user.name": "x"}', 'user.name');
    expect(brief(used)).toEqual([['user.name', 'absent', '']]);
    expect(brief(others)).toEqual([['user.name', 'text', 'x']]);
  });
});

describe('typing into a field', () => {
  it('changes the characters of that value and no others', () => {
    const typed = withValue(TEXT, ['user', 'name'], written('O’Brien "x"', false));
    expect(typed).toBe(TEXT.replace('"Jo"', '"O’Brien \\"x\\""'));
    expect(withValue(typed, ['user', 'name'], '"Jo"')).toBe(TEXT);
    expect(withValue(TEXT, ['user', 'tags', 1], written('2.50', true))).toBe(TEXT.replace('1.50', '2.50'));
  });

  it('keeps a number a number while it is one', () => {
    expect(written('12345678901234567890', true)).toBe('12345678901234567890');
    expect(written('12a', true)).toBe('"12a"');
    expect(written('007', true)).toBe('"007"');
    expect(written('42', false)).toBe('"42"');
  });

  it('makes the place of a variable that was absent', () => {
    expect(withValue('{}', ['user', 'name'], '"Jo"')).toBe('{\n  "user": {\n    "name": "Jo"\n  }\n}');
    expect(withValue('', ['name'], '"Jo"')).toBe('{\n  "name": "Jo"\n}');
  });

  it('leaves broken text alone', () => {
    expect(withValue('{"a": ', ['a'], '1')).toBe('{"a": ');
  });
});

describe('leaving a field out', () => {
  it.each([
    ['{"a": 1, "b": 2}', ['a'], '{"b": 2}'],
    ['{"a": 1, "b": 2}', ['b'], '{"a": 1}'],
    ['{\n  "a": 1,\n  "b": {"c": 2}\n}', ['b', 'c'], '{\n  "a": 1\n}'],
    ['{"a": 1}', ['a'], '{}'],
    ['{"a": 1}', ['x'], '{"a": 1}'],
  ])('%j without %j', (text, path, expected) => {
    expect(withoutField(text, path)).toBe(expected);
  });
});

describe('names as people write them', () => {
  it.each([
    [['customer_name'], 'Customer name'],
    [['user', 'firstName'], 'User first name'],
    [['VIP'], 'VIP'],
    [['tags', 0], 'Tags 1'],
    [['___'], '___'],
  ])('%j is %s', (path, expected) => {
    expect(spokenName(path)).toBe(expected);
  });
});
