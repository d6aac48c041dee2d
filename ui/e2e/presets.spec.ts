import { announced, expect, test, typeNumber } from './serve';

test('a table pasted into the number field becomes the call of the chosen row', async ({ window: page }) => {
  const field = page.getByLabel('Number to call');
  await field.focus();
  await page.evaluate(() =>
    navigator.clipboard.writeText('Customer name\tPhone\nJane\t+14155550102\nBob\t+1 415 555 0101'),
  );
  await page.keyboard.press('ControlOrMeta+v');
  const dialog = page.getByRole('dialog', { name: 'Paste a request or a table' });
  await expect(dialog.getByTestId('became')).toContainText('Jane');
  await dialog.getByLabel('Which of the 2 rows').selectOption('Row 2: +1 415 555 0101');
  await expect(dialog.getByTestId('became')).toContainText('Bob');
  await dialog.getByRole('button', { name: 'Use it' }).click();
  await expect(field).toHaveValue('+1 415 555 0101');
  await expect(page.getByLabel('Customer name', { exact: true })).toHaveValue('Bob');
});

test('a pasted cURL command is looked at by keyboard, and Escape changes nothing', async ({
  window: page,
}) => {
  await page.getByRole('button', { name: 'Paste…' }).focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('A cURL command, JSON, a row or a table').focus();
  await page.keyboard.insertText(`curl -d '{"phone_number":"+14155550102"}' http://x`);
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('This is a cURL command.');
  await expect(dialog).toContainText('The context stays as it is.');
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(page.getByLabel('Number to call')).toHaveValue('');
});

test('a context is kept as a preset, taken again, and removed', async ({ window: page }) => {
  const name = page.getByLabel('Customer name', { exact: true });
  await name.fill('Ada');
  await page.getByRole('button', { name: 'Presets' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Save these values…' }).press('Enter');
  await page.getByLabel('Name', { exact: true }).fill('Ada’s visit');
  await page.keyboard.press('Enter');
  await expect(announced(page)).toContainText('“Ada’s visit” is saved.');
  await name.fill('');
  await page.reload();
  await page.getByRole('button', { name: 'Presets' }).click();
  await page.getByRole('menuitem', { name: 'Ada’s visit' }).click();
  await expect(name).toHaveValue('Ada');
  await page.getByRole('button', { name: 'Presets' }).click();
  await page.getByRole('menuitem', { name: 'Save or remove…' }).click();
  await page.getByRole('button', { name: 'Remove Ada’s visit' }).click();
  await expect(page.getByRole('button', { name: 'Remove Ada’s visit' })).toHaveCount(0);
});

test('a pinned number is offered first after a restart', async ({ window: page }) => {
  await typeNumber(page, '+442079460018');
  await page.getByRole('button', { name: 'Pin this number' }).click();
  await expect(page.getByRole('button', { name: 'Unpin this number' })).toBeVisible();
  await page.reload();
  await page.getByLabel('Number to call').focus();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('option').nth(1)).toContainText('Pinned');
});
