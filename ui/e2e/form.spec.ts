import { expect, setContext, test, typeNumber } from './serve';

test('the form is made from the agent’s variables and is what is sent', async ({ window: page }) => {
  await page.getByLabel('Customer name').fill('Ada "A" Lovelace');
  await page.getByLabel('User name').fill('Ada');
  await expect(page.getByTestId('greeting')).toContainText('Ada "A" Lovelace');
  await page.getByRole('button', { name: 'JSON' }).click();
  const editor = page.getByRole('textbox', { name: 'Initial context, JSON' });
  await expect(editor).toContainText('"customer_name": "Ada \\"A\\" Lovelace"');
  await expect(editor).toContainText('"name": "Ada"');
});

test('the two views hold the same text: order, big numbers and nesting survive both', async ({
  window: page,
}) => {
  const text = '{"z": 12345678901234567890, "a": {"list": [1.50, true, null], "n": "x"}, "rate": 0.10}';
  await setContext(page, text);
  await page.getByRole('button', { name: 'Form' }).click();
  await expect(page.getByLabel('Z', { exact: true })).toHaveValue('12345678901234567890');
  await expect(page.getByLabel('A list 1', { exact: true })).toHaveValue('1.50');
  await page.getByLabel('A list 2', { exact: true }).selectOption('No');
  await page.getByLabel('Rate', { exact: true }).fill('ten');
  await expect(page.getByText('Not a number, so it is sent as text.')).toBeVisible();
  await page.getByLabel('Rate', { exact: true }).fill('0.20');
  await page.getByRole('button', { name: 'Leave out A n' }).click();
  await expect(page.getByRole('button', { name: 'Add a field' })).toBeFocused();
  await page.getByRole('button', { name: 'JSON' }).click();
  await expect(page.getByRole('textbox', { name: 'Initial context, JSON' })).toHaveText(
    /\{"z": 12345678901234567890, "a": \{"list": \[1\.50, false, null\]\}, "rate": 0\.20\}/,
  );
});

test('the form by keyboard: a field is added, filled and fired', async ({ window: page }) => {
  await typeNumber(page, '+14155550101');
  await page.getByRole('button', { name: 'Add a field' }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.type('order_number');
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Order number', { exact: true })).toBeFocused();
  await page.keyboard.type('A-17');
  const sent = page.waitForRequest((request) => request.url().includes('/api/v1/public/agent/'));
  await page.keyboard.press('Control+Enter');
  expect((await sent).postData()).toContain('"order_number": "A-17"');
  await expect(page.getByTestId('end-sentence')).toBeVisible();
});

test('broken text cannot be a form, and the way to the mistake is one press', async ({ window: page }) => {
  await setContext(page, '{"a": tru}');
  await page.getByRole('button', { name: 'Form' }).click();
  await expect(page.getByText('cannot be shown as a form')).toBeVisible();
  await page.getByRole('button', { name: 'Show where' }).click();
  await expect(page.getByRole('textbox', { name: 'Initial context, JSON' })).toBeFocused();
});
