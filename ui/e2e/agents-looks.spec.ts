/** The agents' screens in both themes and sizes: clean for axe, nothing cut off; kept as pictures on request. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './serve';

const SHOTS = process.env.SWITCHHOOK_SHOTS;

async function look(page: Page, where: string, folder: string, axe: boolean): Promise<void> {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${folder}-${where}.png` });
  const wide = await page.evaluate(() =>
    [...document.querySelectorAll('main, main > *, .steps > *, .body')]
      .filter((e) => e.scrollWidth > e.clientWidth + 1)
      .map((e) => `${e.tagName}.${e.className}`),
  );
  expect(wide, `${where} fits its width`).toEqual([]);
  if (!axe) return;
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  const found = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`);
  expect(found, where).toEqual([]);
}

for (const theme of ['light', 'dark'] as const) {
  for (const [width, height] of [
    [1280, 800],
    [960, 600],
  ] as const) {
    test.describe(`${theme} at ${width}×${height}`, () => {
      test.use({
        contextOptions: { colorScheme: theme, reducedMotion: 'reduce' },
        viewport: { width, height },
      });

      test('the screens of agents pass axe and fit', async ({ window: page }) => {
        test.setTimeout(120_000);
        await page.setViewportSize({ width, height });
        const check = (where: string) => look(page, where, `${theme}-${width}`, width >= 1280);
        await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Agents' }).click();
        await expect(page.getByRole('list', { name: 'Agents' })).toBeVisible();
        await check('agents');
        await page.getByRole('button', { name: 'Create an agent' }).click();
        await check('create');
        await page.keyboard.press('Escape');
        await page.getByRole('link', { name: /^Appointment reminder/ }).click();
        await expect(page.getByRole('heading', { level: 2, name: 'Greeting' })).toBeVisible();
        await expect(page.getByText('customer_name').first()).toBeVisible();
        await check('steps');
        await page
          .getByRole('button', { name: /^Date suits/ })
          .first()
          .click();
        await expect(page.getByLabel('Taken when')).toBeVisible();
        await check('way');
        await page.getByText('Drawing', { exact: true }).click();
        await expect(page.getByRole('group', { name: 'Drawing of the steps' })).toBeVisible();
        await check('drawing');
        const part = (name: string) =>
          page.getByRole('navigation', { name: 'Parts of the agent' }).getByRole('link', { name }).click();
        await part('JSON');
        await expect(page.getByText('Saved by itself')).toBeVisible();
        await check('json');
        await part('Trigger');
        await expect(page.getByTestId('trigger-test')).toBeVisible();
        await check('trigger');
        await part('Versions');
        await expect(page.locator('ins').first()).toBeVisible();
        await check('versions');
        await page.getByRole('button', { name: 'Publish…' }).click();
        await expect(page.getByRole('dialog').locator('ins').first()).toBeVisible();
        await check('publish');
      });
    });
  }
}
