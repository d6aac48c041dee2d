import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { manyRuns } from './many-runs';
import { announced, expect, fireAndSettle, test } from './serve';

const rowsOf = (page: Page) => page.getByRole('list', { name: 'Runs' }).getByRole('listitem');

test('runs are found by what is in them, by how they ended and by day', async ({ window: page }) => {
  test.setTimeout(60_000);
  await fireAndSettle(page, '+14155550102');
  await fireAndSettle(page, '+14155550101');
  await page.getByRole('link', { name: /^Runs/ }).click();
  const rows = rowsOf(page);
  await expect(rows.first()).toBeVisible();

  await page.getByRole('searchbox', { name: 'Search the runs' }).fill('5550102');
  await expect(rows.first()).toContainText('+1 415 555 0102');
  await expect(rows.filter({ hasText: '0101' })).toHaveCount(0);
  await page.getByRole('searchbox').fill('no such words');
  await expect(page.getByText('No run matches these filters.')).toBeVisible();
  await page.getByRole('button', { name: 'Clear the filters' }).last().click();

  await page.getByLabel('State').selectOption('Busy');
  await expect(rows.filter({ hasText: 'Completed' })).toHaveCount(0);
  await expect(rows.first()).toContainText('Busy');
  await page.getByLabel('Until').fill('2020-01-01');
  await expect(page.getByText('No run matches these filters.')).toBeVisible();
  await page.getByRole('button', { name: 'Clear the filters' }).last().click();
  await expect(rows.first()).toContainText('+1 415 555 0101');
});

test('the runs in sight are exported by keyboard as a table without formulas', async ({ window: page }) => {
  await fireAndSettle(page, '+14155550102');
  await page.getByRole('link', { name: /^Runs/ }).click();
  await page.getByLabel('State').selectOption('Busy');
  await expect(rowsOf(page).first()).toBeVisible();
  await page.getByRole('button', { name: 'Export' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem').first()).toBeFocused();
  const download = page.waitForEvent('download');
  await page.keyboard.press('Enter');
  const file = await readFile(await (await download).path(), 'utf8');
  expect(file).toContain("'+14155550102");
  expect(file).not.toContain(',completed,');
  await expect(announced(page)).toContainText('exported');
});

test('a hundred thousand runs open with their first page alone', async ({ window: page }) => {
  const asked = await manyRuns(page, 100_000);
  await page.reload();
  await page.getByRole('link', { name: /^Runs/ }).click();
  const list = page.getByRole('list', { name: 'Runs' });
  await expect(list.locator('a').first()).toHaveAttribute('data-run', '100000');
  // Coming back to the list, what was read is there at once and only its first page is looked at again.
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(list).toHaveCount(0);
  const took = await page.evaluate(async () => {
    const began = performance.now();
    location.hash = '#/runs';
    while (!document.querySelector('[data-run="100000"]'))
      await new Promise((frame) => requestAnimationFrame(frame));
    return performance.now() - began;
  });
  test.info().annotations.push({ type: 'list open', description: `${took.toFixed(0)} ms` });
  expect(asked.filter((query) => query.has('before'))).toEqual([]);
  expect(asked.every((query) => Number(query.get('limit')) <= 100)).toBe(true);
  expect(await list.locator('li[data-row]').count()).toBeLessThan(160);
});

test('a long list draws only what is near, and scrolls to its end', async ({ window: page }) => {
  const ALL = 1000;
  await manyRuns(page, ALL);
  await page.reload();
  await page.getByRole('link', { name: /^Runs/ }).click();
  const list = page.getByRole('list', { name: 'Runs' });
  await expect(list.locator('a').first()).toHaveAttribute('data-run', String(ALL));
  const scroller = page.locator('.page.scroll');
  await expect(async () => {
    await scroller.evaluate((e) => e.scrollTo(0, e.scrollHeight));
    expect(await list.locator('li[data-row]').count()).toBeLessThan(160);
    await expect(list.locator('[data-run="1"]')).toBeVisible({ timeout: 100 });
  }).toPass({ timeout: 40_000, intervals: [50] });
  await scroller.evaluate((e) => e.scrollTo(0, 0));
  await expect(list.locator(`[data-run="${ALL}"]`)).toBeVisible();
});
