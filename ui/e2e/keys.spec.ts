import { everywhere } from './axe';
import { announced, expect, test } from './serve';

test('a key for one agent fires that one only, is archived and comes back', async ({ window: page }) => {
  await page.getByRole('link', { name: 'API keys' }).click();
  await page.getByLabel('Name').fill('one agent');
  await page.getByRole('radio', { name: 'Only these agents' }).check();
  const create = page.getByRole('button', { name: 'Create a key' });
  await expect(create).toBeDisabled();
  await page.getByRole('checkbox', { name: 'Appointment reminder' }).check();
  const asked = page.waitForRequest((sent) => sent.method() === 'POST');
  await create.click();
  expect((await asked).postDataJSON().agents).toHaveLength(1);
  const row = page.getByRole('row', { name: /one agent/ });
  await expect(row).toContainText('only Appointment reminder');
  await expect(row).toContainText('never');

  await page.getByRole('button', { name: 'Archive one agent' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Archive' }).click();
  await expect(row).toHaveCount(0);
  await page.getByLabel(/Show archived keys/).check();
  await expect(row).toContainText('archived');
  await page.getByRole('button', { name: 'Reactivate one agent' }).click();
  await expect(announced(page)).toContainText('one agent works again.');
  await expect(page.getByRole('button', { name: 'Archive one agent' })).toBeVisible();
});

test('a copied key leaves the clipboard, unless something else was copied', async ({ window: page }) => {
  await page.clock.install();
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  await page.getByRole('link', { name: 'API keys' }).click();
  await page.getByLabel('Name').fill('copied');
  await page.keyboard.press('Enter');
  const copy = page.getByRole('button', { name: 'Copy the key' });
  await copy.focus();
  await page.keyboard.press('Enter');
  await expect(announced(page)).toContainText('It leaves the clipboard after 30 seconds.');
  expect(await clipboard()).toMatch(/^dgr_/);
  await page.clock.fastForward(30_000);
  await expect.poll(clipboard).toBe('');

  await copy.click();
  await expect.poll(clipboard).toMatch(/^dgr_/);
  await page.evaluate(() => navigator.clipboard.writeText('a shopping list'));
  await page.clock.fastForward(31_000);
  expect(await clipboard()).toBe('a shopping list');
});

test('the keys page passes axe and fits with everything on it', async ({ window: page }) => {
  test.setTimeout(120_000);
  await page.getByRole('link', { name: 'API keys' }).click();
  await page.getByLabel('Name').fill('everywhere');
  await page.getByRole('button', { name: 'Create a key' }).click();
  // The form empties itself for the next key when this one is there.
  await expect(page.getByTestId('new-key')).toBeVisible();
  await page.getByRole('radio', { name: 'Only these agents' }).check();
  await everywhere(page, (check) => check('keys'));
});
