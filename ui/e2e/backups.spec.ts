import type { Page } from '@playwright/test';
import { everywhere } from './axe';
import { announced, expect, test } from './serve';

async function open(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByRole('button', { name: 'Make a backup' })).toBeEnabled();
}

test('a backup is made, handed out, waits to be put back, and is taken back', async ({ window: page }) => {
  await open(page);
  await page.getByRole('button', { name: 'Make a backup' }).click();
  await expect(announced(page)).toContainText('The backup is made.');
  const row = page.getByRole('list', { name: 'Backups' }).getByRole('listitem').first();
  await expect(row).toContainText(/switchhook-\d+-.*\.db/);
  const file = page.waitForEvent('download');
  await row.getByRole('link', { name: /^Download/ }).click();
  expect((await file).suggestedFilename()).toMatch(/^switchhook-.*\.db$/);

  await row.getByRole('button', { name: /^Restore/ }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('What is there now is kept beside it.');
  await dialog.getByRole('button', { name: 'Restore at the next start' }).click();
  await expect(page.getByText(/A backup waits since/)).toBeVisible();
  await page.getByRole('button', { name: 'Do not restore' }).click();
  await expect(announced(page)).toContainText('Nothing is put back.');
  await expect(page.getByText(/A backup waits since/)).toHaveCount(0);
});

test('a restore that could take nothing over says what that means', async ({ window: page }) => {
  await page.route('**/api/switchhook/backups', async (route) => {
    const reply = await route.fetch();
    const last = { restored_at: '2026-11-20T10:00:00Z', replaced: 'replaced-1.db', carried_over: false };
    await route.fulfill({ response: reply, json: { ...(await reply.json()), last_restore: last } });
  });
  await open(page);
  const note = page.getByRole('note').filter({ hasText: 'A backup was put back on' });
  await expect(note).toContainText('API keys that were archived since open again');
  await expect(note).toContainText('replaced-1.db');
  await note.getByRole('link', { name: 'API keys' }).click();
  await expect(page.getByRole('heading', { name: 'API keys', level: 1 })).toBeVisible();
});

test('runs are kept until a person says otherwise, twice', async ({ window: page }) => {
  await open(page);
  const days = page.getByLabel('Keep runs, days');
  await expect(days).toHaveValue('');
  await days.fill('0');
  await page.keyboard.press('Tab');
  await expect(days).toHaveAccessibleDescription('A whole number from 1 to 100,000.');
  await days.fill('3650');
  await page.keyboard.press('Tab');
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Only a backup brings them back.');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(days).toHaveValue('');
  await days.fill('3650');
  await page.keyboard.press('Tab');
  const saved = page.waitForResponse((response) => response.request().method() === 'PUT');
  await dialog.getByRole('button', { name: 'Delete older runs' }).click();
  expect(await (await saved).json()).toMatchObject({ keep_runs_days: 3650 });
  await page.reload();
  await expect(days).toHaveValue('3650');
  await days.fill('');
  const cleared = page.waitForResponse((response) => response.request().method() === 'PUT');
  await page.keyboard.press('Tab');
  expect(await (await cleared).json()).toMatchObject({ keep_runs_days: null });
});

test('the settings pass axe and fit with a backup on them', async ({ window: page }) => {
  test.setTimeout(120_000);
  await open(page);
  await page.getByRole('button', { name: 'Make a backup' }).click();
  await expect(page.getByRole('list', { name: 'Backups' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Make a backup' })).toBeEnabled();
  await everywhere(page, (check) => check('settings'));
});
