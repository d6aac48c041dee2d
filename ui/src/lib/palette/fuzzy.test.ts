import { expect, it } from 'vitest';
import { match } from './fuzzy';

const best = (question: string, labels: string[]): string | undefined =>
  labels
    .map((label) => ({ label, found: match(question, label) }))
    .filter(({ found }) => found !== null)
    .toSorted((a, b) => (b.found?.score ?? 0) - (a.found?.score ?? 0))[0]?.label;

it('finds initials, beginnings of words and letters side by side, the closest first', () => {
  const labels = ['Go to Telephony', 'Copy the test URL', 'Go to Settings', 'Theme: Dark'];
  expect(best('ctu', labels)).toBe('Copy the test URL');
  expect(best('tele', labels)).toBe('Go to Telephony');
  expect(best('sett', labels)).toBe('Go to Settings');
  expect(best('dark', labels)).toBe('Theme: Dark');
});

it('wants every word of the question, in the label or beside it', () => {
  expect(match('copy production', 'Copy the production URL')).not.toBeNull();
  expect(match('link production', 'Copy the production URL')).toBeNull();
  expect(match('link production', 'Copy the production URL', 'link clipboard')).not.toBeNull();
});

it('does not take letters that are merely scattered over a label', () => {
  expect(match('oy', 'Go to Telephony')).toBeNull();
  expect(match('zzz', 'Go to Telephony')).toBeNull();
});

it('overlooks case and marks, and says which letters were meant', () => {
  expect(match('zuruck', 'Zurück')?.at).toEqual([0, 1, 2, 3, 4, 5]);
  expect(match('gt', 'Go to Telephony')?.at).toEqual([0, 3]);
});

it('takes an empty question for anything', () => {
  expect(match('  ', 'Anything')?.at).toEqual([]);
});
