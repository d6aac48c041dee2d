import { expect, it } from 'vitest';
import { outline } from './outline';

it('draws what is loud high, what is silent as a thin line, over the whole width', () => {
  const path = outline([0, 255], 10);
  expect(path).toBe('M0.0 48.0 5.0 48.0 5.0 4.0 10.0 4.0 10.0 96.0 5.0 96.0 5.0 52.0 0.0 52.0Z');
  expect(outline([], 10)).toBe('');
});
