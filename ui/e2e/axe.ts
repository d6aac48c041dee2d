/** What every screen has to pass, in both themes and sizes. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect } from './serve';

export async function clean(page: Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  const found = violations.map(
    (v) => `${v.id}: ${v.nodes.map((n) => `${n.target.join(' ')} ${n.failureSummary}`).join('\n')}`,
  );
  expect(found, where).toEqual([]);
}

/** Nothing is wider than the window, so nothing is cut off sideways. */
export async function fits(page: Page, where: string): Promise<void> {
  const wide = await page.evaluate(() =>
    [...document.querySelectorAll('main, aside, main > *, aside > *')]
      .filter((e) => e.scrollWidth > e.clientWidth + 1)
      .map((e) => `${e.tagName}.${e.className}`),
  );
  expect(wide, `${where} fits its width`).toEqual([]);
}

/** Runs `look` in both themes, wide and narrow; axe looks at the wide ones. */
export async function everywhere(
  page: Page,
  look: (check: (where: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [width, height] of [
      [1280, 800],
      [960, 600],
    ] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height });
      await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme);
      await look(async (where) => {
        const place = `${where}, ${colorScheme} at ${width}×${height}`;
        if (width >= 1280) await clean(page, place);
        await fits(page, place);
      });
    }
  }
}
