import { expect, it } from 'vitest';
import { changeNode } from './definition';
import { starter } from './starters';
import { keepUnsaved, takeUnsaved } from './unsaved';

const base = starter('reminder');
const edited = changeNode(base, 'offer', { prompt: 'New.' });

it('edits that were not saved come back once, on the agent they belong to', () => {
  keepUnsaved('local', 1, { base, edited });
  expect(takeUnsaved('local', 2, base)).toBeNull();
  expect(takeUnsaved('local', 1, structuredClone(base))).toEqual(edited);
  expect(takeUnsaved('local', 1, base)).toBeNull();
});

it('edits on a draft that is another one by now do not', () => {
  keepUnsaved('local', 1, { base, edited });
  expect(takeUnsaved('local', 1, changeNode(base, 'offer', { prompt: 'Theirs.' }))).toBeNull();
});
