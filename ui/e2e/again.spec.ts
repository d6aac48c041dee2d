import { announced, expect, fireAndSettle, setContext, test } from './serve';

test('a run is copied whole, and fired again with every change told', async ({ window: page }) => {
  await setContext(page, '{"order": 12345678901234567890, "customer_name": "Jane"}');
  await fireAndSettle(page, '+14155550101');
  await page.getByRole('link', { name: 'Open the run' }).click();
  await expect(page.getByText('sent along').first()).toBeVisible();
  await page.getByRole('button', { name: 'Copy as JSON' }).click();
  await expect(announced(page)).toContainText('copied as JSON');
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toContain('"order": 12345678901234567890');

  await page.getByRole('button', { name: 'Fire again' }).press('Enter');
  const note = page.getByRole('region', { name: 'Fired again' });
  await expect(note).toContainText('the same call');
  await page.getByRole('button', { name: 'Form' }).click();
  await page.getByLabel('Customer name', { exact: true }).fill('Ada');
  await expect(note).toContainText('with these changes');
  await expect(note).toContainText('Jane → Ada');
  await note.getByRole('button', { name: 'Forget where this came from' }).press('Enter');
  await expect(note).toHaveCount(0);
});
