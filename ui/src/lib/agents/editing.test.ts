import { describe, expect, it } from 'vitest';
import type { NodeSpec, PropertySpec } from '$lib/api/agents';
import * as d from './definition';
import { History } from './history';
import { starter } from './starters';
import { placeholders, textProblems, variableNames } from './variables';
import { wordDiff } from './word-diff';

describe('changes of a definition', () => {
  const agent = starter('reminder');

  it('leave the old definition as it was', () => {
    const before = structuredClone(agent);
    d.removeNode(d.changeNode(agent, 'offer', { prompt: 'New.' }), 'offer');
    expect(agent).toEqual(before);
  });

  it('take the edges of a step away with it', () => {
    const left = d.removeNode(agent, 'offer');
    expect(left.edges.map((edge) => edge.id)).toEqual(['greeting-goodbye']);
  });

  it('give a second edge between the same steps an id of its own', () => {
    const { added } = d.addEdge(agent, 'greeting', 'goodbye');
    expect(added.id).toBe('greeting-goodbye-2');
  });

  it('begin a step with the defaults of its type', () => {
    const spec = {
      name: 'agentNode',
      properties: [
        { name: 'name', default: 'Agent' },
        { name: 'prompt', default: null },
      ],
    };
    const { added, definition } = d.addNode(agent, spec as unknown as NodeSpec);
    expect(added).toMatchObject({ id: 'agentNode', type: 'agentNode', data: { name: 'Agent' } });
    expect(definition.nodes.at(-1)).toBe(added);
  });

  it('take a member away that becomes undefined', () => {
    const changed = d.changeNode(agent, 'goodbye', { message: undefined });
    expect(changed.nodes.find((n) => n.id === 'goodbye')?.data).not.toHaveProperty('message');
  });
});

it('steps are listed as a call meets them, goodbyes and what stands beside it last', () => {
  expect(d.inOrder(starter('reminder')).map((n) => n.id)).toEqual([
    'greeting',
    'offer',
    'goodbye',
    'trigger',
  ]);
});

it('a field is shown by what the others say, their defaults included', () => {
  const all = [
    { name: 'greeting_type', default: 'text' },
    { name: 'greeting', display_options: { show: { greeting_type: ['text'] } } },
  ] as unknown as PropertySpec[];
  const [, greeting] = all;
  expect(d.isShown(greeting!, {}, all)).toBe(true);
  expect(d.isShown(greeting!, { greeting_type: 'audio' }, all)).toBe(false);
});

it.each([null, [], {}, { nodes: [] }, { nodes: [{ id: 'a' }], edges: [] }, { nodes: [], edges: [1] }])(
  '%j has not the shape of a definition',
  (value) => expect(d.readDefinition(value)).toBeNull(),
);

it('the order of members says nothing, the order of lists does', () => {
  expect(d.same({ a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 })).toBe(true);
  expect(d.same([1, 2], [2, 1])).toBe(false);
  expect(d.same({ a: undefined }, { b: undefined })).toBe(false);
});

describe('undoing', () => {
  it('takes back typing in one field as one step, and a pause ends it', () => {
    const history = new History<string>();
    history.keep('', 'prompt', 0);
    history.keep('a', 'prompt', 100);
    history.keep('ab', 'prompt', 5000);
    expect(history.undo('abc')).toBe('ab');
    expect(history.undo('ab')).toBe('');
    expect(history.canUndo).toBe(false);
    expect(history.redo('')).toBe('ab');
    expect(history.redo('ab')).toBe('abc');
  });

  it('forgets what was undone when something new is done', () => {
    const history = new History<string>();
    history.keep('a', '', 0);
    history.undo('b');
    history.keep('a', '', 10);
    expect(history.canRedo).toBe(false);
  });
});

describe('variables in a text', () => {
  it('are found with their fallbacks', () => {
    expect(
      placeholders('Hi {{ customer_name | there }}, {{initial_context.a.b|fallback:x y}} {{c}}'),
    ).toEqual([
      { from: 3, to: 30, name: 'customer_name', fallback: 'there' },
      { from: 32, to: 68, name: 'a.b', fallback: 'x y' },
      { from: 69, to: 74, name: 'c', fallback: null },
    ]);
  });

  it.each([
    ['plain text', []],
    ['{{good}} and {{good | x}}', []],
    ['Hi {{name', ['unclosed']],
    ['Hi {{a, {{b}}', ['unclosed']],
    ['Hi {{ }}', ['empty']],
    ['Hi {{two words}}', ['malformed']],
    ['Hi name}}', ['unopened']],
  ])('%j', (text, codes) => {
    expect(textProblems(text).map((p) => p.code)).toEqual(codes);
  });

  it('are collected from steps, edges and what is read out of a conversation', () => {
    const agent = d.changeNode(starter('reminder'), 'offer', {
      extraction_enabled: true,
      extraction_variables: [{ name: 'new_date' }, { name: '' }],
    });
    expect(variableNames(agent)).toEqual(['appointment_date', 'customer_name', 'gathered_context.new_date']);
  });
});

it('two texts differ by words', () => {
  expect(wordDiff('Can you make it? Bye.', 'Does it suit you? Bye.').map((p) => [p.change, p.text])).toEqual(
    expect.arrayContaining([['same', ' Bye.']]),
  );
  expect(wordDiff('a b c', 'a x c')).toEqual([
    { change: 'same', text: 'a ' },
    { change: 'removed', text: 'b' },
    { change: 'added', text: 'x' },
    { change: 'same', text: ' c' },
  ]);
  expect(wordDiff('a b c d', 'a x y d')).toEqual([
    { change: 'same', text: 'a ' },
    { change: 'removed', text: 'b c' },
    { change: 'added', text: 'x y' },
    { change: 'same', text: ' d' },
  ]);
  expect(wordDiff('', 'new')).toEqual([{ change: 'added', text: 'new' }]);
});
