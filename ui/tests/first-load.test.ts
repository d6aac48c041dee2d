import { expect, it } from 'vitest';
import { firstLoad } from './first-load';

it('the script of the first load stays under 250 kB gzipped', () => {
  const { bytes, files } = firstLoad();
  expect(files.length).toBeGreaterThan(0);
  expect(bytes).toBeLessThan(250_000);
});
