import { beforeEach, describe, expect, it, vi } from 'vitest';
import { chordOf, hasModifier, spelled, type KeyPress } from './chord';
import { Shortcuts } from './shortcuts.svelte';

function press(key: string, held: Partial<KeyPress> = {}): KeyPress {
  return { key, code: '', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held };
}

describe('the chord of a key press', () => {
  it.each([
    ['a letter by what is printed on it', press('k', { ctrlKey: true, code: 'KeyY' }), false, 'Mod+K'],
    ['the command key of a Mac', press('k', { metaKey: true, code: 'KeyK' }), true, 'Mod+K'],
    ['a sign without the Shift that makes it', press('?', { shiftKey: true, code: 'Minus' }), false, '?'],
    [
      'a digit with Shift',
      press('!', { ctrlKey: true, shiftKey: true, code: 'Digit1' }),
      false,
      'Mod+Shift+1',
    ],
    ['a layout without Latin letters', press('л', { ctrlKey: true, code: 'KeyK' }), false, 'Mod+K'],
    ['Alt on a Mac', press('Dead', { altKey: true, code: 'KeyU' }), true, 'Alt+U'],
    ['a modifier alone', press('Control', { ctrlKey: true }), false, null],
  ])('%s', (_what, event, mac, chord) => {
    expect(chordOf(event, mac)).toBe(chord);
  });

  it('is spelled as the keyboard is', () => {
    expect(spelled('Mod+Shift+K', false)).toEqual(['Ctrl', 'Shift', 'K']);
    expect(spelled('Mod+Enter', true)).toEqual(['⌘', '↵']);
  });

  it('writes nothing with Ctrl, Alt or a function key, and does with Shift', () => {
    expect(['Mod+K', 'Alt+N', 'F2', 'Shift+F2'].every(hasModifier)).toBe(true);
    expect(['?', '/', 'G', 'Shift+G'].some(hasModifier)).toBe(false);
  });
});

describe('the shortcuts of this machine', () => {
  const kept = new Map<string, string>();

  beforeEach(() => {
    kept.clear();
    vi.stubGlobal('localStorage', {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, value: string) => kept.set(name, value),
    });
  });

  it('are the table’s until a person chooses others, which outlive the window', () => {
    const shortcuts = new Shortcuts();
    expect(shortcuts.chord('palette')).toBe('Mod+K');
    shortcuts.give('palette', 'Mod+J');
    expect(new Shortcuts().chord('palette')).toBe('Mod+J');
    shortcuts.restoreAll();
    expect(new Shortcuts().chord('palette')).toBe('Mod+K');
  });

  it('say who has a chord already, and give it to one action only', () => {
    const shortcuts = new Shortcuts();
    expect(shortcuts.judge('number', 'Mod+K')).toEqual({ action: 'palette' });
    expect(shortcuts.judge('number', 'Mod+C')).toBe('taken');
    expect(shortcuts.judge('number', 'Mod+J')).toBe('free');
    shortcuts.give('number', 'Mod+K');
    expect([shortcuts.chord('number'), shortcuts.chord('palette')]).toEqual(['Mod+K', null]);
    shortcuts.restore('palette');
    expect([shortcuts.chord('number'), shortcuts.chord('palette')]).toEqual([null, 'Mod+K']);
  });

  it('overlook what was not written by them', () => {
    kept.set('switchhook.shortcuts', '{"palette": 7, "fire": "Mod+C", "nobody": "A", "agent": null}');
    const shortcuts = new Shortcuts();
    expect(shortcuts.chord('palette')).toBe('Mod+K');
    expect(shortcuts.chord('fire')).toBe('Mod+Enter');
    expect(shortcuts.chord('agent')).toBeNull();
  });

  it('go to the newest that offers an action, and wait for a page that is not there yet', () => {
    const shortcuts = new Shortcuts();
    const done: string[] = [];
    expect(shortcuts.run('number')).toBe(false);
    shortcuts.whenOffered('number');
    const takeBack = shortcuts.offer('number', () => done.push('first'));
    shortcuts.offer('number', () => done.push('second'));
    shortcuts.run('number');
    takeBack();
    shortcuts.run('number');
    expect(done).toEqual(['first', 'second', 'second']);
  });
});
