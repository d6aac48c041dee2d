import { expect, test } from 'vitest';
import { zoomOf } from './zoom';

function press(key: string, held: Partial<KeyboardEvent> = { ctrlKey: true }): KeyboardEvent {
  return { key, ctrlKey: false, metaKey: false, altKey: false, ...held } as KeyboardEvent;
}

test('the keys of browsers zoom, with and without shift', () => {
  expect([press('='), press('+'), press('-'), press('0')].map((event) => zoomOf(event, false))).toEqual([
    'in',
    'in',
    'out',
    { to: 100 },
  ]);
});

test('the same keys without Ctrl, or with Alt, are typed', () => {
  expect(zoomOf(press('+', {}), false)).toBeNull();
  expect(zoomOf(press('0', { ctrlKey: true, altKey: true }), false)).toBeNull();
});

test('a Mac holds the command key for it', () => {
  expect(zoomOf(press('-', { metaKey: true }), true)).toBe('out');
  expect(zoomOf(press('-'), true)).toBeNull();
});
