import { announced, expect, fireAndSettle, test } from './serve';

test('the run list fills live, filters, and a run fires again', async ({ window: page }) => {
  await fireAndSettle(page, '+14155550102');
  await page.getByRole('link', { name: /^Runs/ }).click();
  const rows = page.getByRole('list', { name: 'Runs' }).getByRole('listitem');
  await expect(rows.first()).toContainText('+1 415 555 0102');
  await expect(rows.first()).toContainText('Busy');

  await page.getByLabel('Mode').selectOption('production');
  await expect(rows.filter({ hasText: 'Test' })).toHaveCount(0);
  await page.getByLabel('Mode').selectOption('');
  await page.getByLabel('State').selectOption('ended');
  await rows.first().getByRole('link').click();

  await page.getByRole('button', { name: 'Copy the run id' }).click();
  await expect(announced(page)).toContainText('Run id');
  await expect(page.getByRole('heading', { name: 'Timeline' })).toBeVisible();
  await page.getByRole('button', { name: 'Fire again' }).click();
  await expect(page.getByLabel('Number to call')).toHaveValue('+1 415 555 0102');
  await expect(page.getByRole('button', { name: 'Fire test call' })).toHaveAttribute(
    'aria-disabled',
    'false',
  );
});

test('a run that does not exist says so and leads back', async ({ window: page }) => {
  await page.goto(`${page.url().split('#')[0]}#/runs/999999`);
  await expect(page.getByRole('heading', { name: 'No such run' })).toBeVisible();
});

test('a key is created, shown once, fires the copied URL, and is archived', async ({
  window: page,
  request,
}) => {
  await page.getByRole('button', { name: 'Copy the production URL' }).click();
  await expect(announced(page)).toContainText('copied');
  const url = await page.evaluate(() => navigator.clipboard.readText());

  await page.getByRole('link', { name: 'API keys' }).click();
  await page.getByLabel('Name').fill('n8n');
  await expect(page.getByRole('radio', { name: /May fire triggers/ })).toBeChecked();
  const asked = page.waitForRequest((sent) => sent.method() === 'POST');
  await page.getByRole('button', { name: 'Create a key' }).click();
  expect((await asked).postDataJSON()).toMatchObject({ scope: 'trigger', test_only: false });
  await expect(page.getByRole('row', { name: /n8n/ })).toContainText('fires triggers');
  const key = (await page.getByTestId('new-key').textContent())?.trim() ?? '';
  expect(key).toMatch(/^dgr_[\w-]{43}$/);
  await page.getByRole('button', { name: 'Copy the key' }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(key);

  const post = () =>
    request.post(url, { headers: { 'X-API-Key': key }, data: { phone_number: '+14155550101' } });
  expect((await post()).status()).toBe(200);
  await page.getByRole('button', { name: 'I have copied it' }).click();
  await expect(page.getByTestId('new-key')).toHaveCount(0);

  await page.getByRole('button', { name: 'Archive n8n' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Archive' }).click();
  await expect(page.getByRole('row', { name: /n8n/ })).toHaveCount(0);
  expect((await post()).status()).toBe(401);
});

test('a key is limited to a scope, to test calls and to a day', async ({ window: page }) => {
  await page.getByRole('link', { name: 'API keys' }).click();
  await page.getByLabel('Name').fill('tests until spring');
  await page.getByLabel('Test calls only').check();
  await page.getByLabel('Works until').fill('2099-03-15');
  await page.getByRole('button', { name: 'Create a key' }).click();
  await expect(page.getByRole('row', { name: /tests until spring/ })).toContainText(
    'fires triggers · test calls only · until Mar 15, 2099',
  );
  await page.getByLabel('Name').fill('everything');
  await page.getByRole('radio', { name: /May manage everything/ }).check();
  await expect(page.getByLabel('Test calls only')).toHaveCount(0);
  await page.getByRole('button', { name: 'Create a key' }).click();
  await expect(page.getByRole('row', { name: /manages everything/ })).toBeVisible();
});

test('settings are kept, and say where it listens', async ({ window: page, served }) => {
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByText(served.public, { exact: true })).toBeVisible();
  await page.getByLabel('Default country').selectOption('DE');
  await expect(announced(page)).toContainText('Saved.');
  await page.getByLabel('Public base URL').fill('https://calls.example.com/');
  await page.keyboard.press('Tab');
  await page.getByRole('link', { name: 'Fire' }).click();
  await expect(page.getByText('https://calls.example.com', { exact: true })).toBeVisible();

  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByLabel('Public base URL').fill('');
  await page.keyboard.press('Tab');
  await page.getByLabel('Default country').selectOption('');
  await expect(page.getByLabel('Default country')).toHaveValue('');
  // Other tests of this worker read numbers without a country.
  const put = await page.request.put(`${served.control}/api/switchhook/settings`, {
    headers: { 'X-Switchhook': 'window' },
    data: { default_country: null, public_base_url: null },
  });
  expect(put.status()).toBe(200);
});

test('without a session the page says how to get a link; a used link says so', async ({
  browser,
  served,
}) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(served.control);
  await expect(page.getByRole('heading', { name: 'Sign in with a link' })).toBeVisible();
  await page.goto('about:blank');
  await page.goto(served.sign_in);
  await expect(page.getByRole('alert')).toContainText('already used');
  expect(page.url()).not.toContain('sign-in');
  await context.close();
});
