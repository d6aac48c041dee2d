import type { Page } from '@playwright/test';
import { everywhere } from './axe';
import { announced, expect, fireAndSettle, test, typeNumber } from './serve';

const field = (page: Page) => page.getByRole('combobox', { name: 'Find anything' });
const chosen = (page: Page) => page.getByRole('dialog').getByRole('option', { selected: true });

async function open(page: Page): Promise<void> {
  await page.keyboard.press('ControlOrMeta+k');
  await expect(field(page)).toBeFocused();
}

async function choose(page: Page, question: string): Promise<void> {
  await open(page);
  await page.keyboard.type(question);
  await page.keyboard.press('Enter');
  await expect(field(page)).toHaveCount(0);
}

test('the palette reaches pages, agents, runs, URLs and themes by keyboard alone', async ({
  window: page,
}) => {
  await fireAndSettle(page, '+14155550102');
  await choose(page, 'api keys');
  await expect(page.getByRole('heading', { level: 1, name: 'API keys' })).toBeVisible();
  await choose(page, 'edit appo');
  await expect(page.getByTestId('version-line')).toBeVisible();
  await choose(page, 'run 1');
  await expect(page.getByRole('heading', { name: 'Timeline' })).toBeVisible();
  await choose(page, 'WR-TEST-1');
  await expect(page).toHaveURL(/#\/runs\/1$/);
  await choose(page, 'appointment');
  await expect(page.getByRole('heading', { level: 1, name: 'Appointment reminder' })).toBeVisible();

  await choose(page, 'production url');
  await expect(announced(page)).toContainText('Production URL copied');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/\/public\/agent\/[^/]{36}$/);
  await choose(page, 'copy test');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/\/agent\/test\/[^/]{36}$/);

  await choose(page, 'dark');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('the palette fires only what is on the screen', async ({ window: page }) => {
  await typeNumber(page, '+14155550102');
  await expect(page.getByRole('button', { name: 'Fire test call' })).toHaveAttribute(
    'aria-disabled',
    'false',
  );
  await page.getByRole('link', { name: 'Settings' }).click();
  await choose(page, 'fire test call');
  await expect(page.getByRole('button', { name: 'Fire test call' })).toBeVisible();
  await expect(page.getByTestId('live-run')).toHaveCount(0);
  await choose(page, 'fire test call');
  await expect(page.getByTestId('live-run')).toHaveAttribute('data-state', 'busy');
});

test('a number in the palette is put on the form and not dialled', async ({ window: page }) => {
  await page.getByRole('link', { name: 'Settings' }).click();
  await choose(page, '+1 415 555 0101');
  await expect(page.getByLabel('Number to call')).toBeFocused();
  await expect(page.getByLabel('Number to call')).toHaveValue('+1 415 555 0101');
  await expect(page.getByTestId('live-run')).toHaveCount(0);
});

test('the arrows walk the entries around, Escape leads back to where one was', async ({ window: page }) => {
  await page.getByLabel('Number to call').focus();
  await open(page);
  const first = await chosen(page).getAttribute('id');
  await page.keyboard.press('ArrowUp');
  await expect(chosen(page)).not.toHaveAttribute('id', first ?? '');
  await expect(chosen(page)).toBeInViewport();
  await page.keyboard.press('ArrowDown');
  await expect(chosen(page)).toHaveAttribute('id', first ?? '');
  await expect(field(page)).toHaveAttribute('aria-activedescendant', first ?? '');
  await page.keyboard.type('qqqq');
  await expect(page.getByText('Nothing here is called “qqqq”.').first()).toBeVisible();
  await expect(field(page)).toHaveAttribute('aria-expanded', 'false');
  await page.keyboard.press('Escape');
  await expect(page.getByLabel('Number to call')).toBeFocused();
});

test('the sheet opens on ? but not while typing, and takes other keys', async ({ window: page }) => {
  await page.getByLabel('Find an agent').fill('?');
  await page.getByLabel('Find an agent').press('?');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.getByLabel('Find an agent').fill('');
  await page.getByRole('heading', { level: 1 }).click();
  await page.keyboard.press('?');
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(sheet).toBeVisible();

  // Another action's keys are said to be taken; a person may still take them.
  const change = sheet.getByRole('button', { name: 'Change the shortcut of “Go to Runs”' });
  await change.click();
  await page.keyboard.press('ControlOrMeta+k');
  await expect(sheet.getByText('Ctrl K is already “Find anything”.')).toBeVisible();
  await page.keyboard.press('ControlOrMeta+c');
  await expect(
    sheet.getByText('Ctrl C belongs to the window or the system. Press other keys.'),
  ).toBeVisible();
  await page.keyboard.press('Alt+g');
  await expect(change).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(sheet).toHaveCount(0);

  await page.keyboard.press('ControlOrMeta+3');
  await expect(page).toHaveURL(/#\/fire/);
  await page.getByLabel('Number to call').focus();
  await page.keyboard.press('Alt+g');
  await expect(page).toHaveURL(/#\/runs$/);

  // Kept on this machine.
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'Runs' })).toBeVisible();
  await page.keyboard.press('ControlOrMeta+1');
  await expect(page.getByLabel('Number to call')).toBeVisible();
  await page.keyboard.press('Alt+g');
  await expect(page).toHaveURL(/#\/runs$/);
  await page.keyboard.press('?');
  await page.getByRole('button', { name: 'All back to the original' }).click();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Alt+g');
  await page.keyboard.press('ControlOrMeta+4');
  await expect(page).toHaveURL(/#\/telephony/);
});

test('the palette and the sheet pass axe and fit', async ({ window: page }) => {
  test.setTimeout(90_000);
  await everywhere(page, async (check) => {
    await open(page);
    await check('palette');
    await page.keyboard.type('url');
    await check('palette with a question');
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { level: 1 }).click();
    await page.keyboard.press('?');
    await expect(page.getByRole('dialog')).toBeVisible();
    await page.getByRole('button', { name: 'Change the shortcut of “Find an agent”' }).click();
    await page.keyboard.press('ControlOrMeta+k');
    await check('shortcuts');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  });
});
