import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, setContext, test, typeNumber } from './serve';
import { installShell, type DoubleOptions } from './shell-double';

const KEY = 'dgr_not-a-real-key-but-shaped-like-one';

async function open(page: Page, control: string, options: DoubleOptions = {}): Promise<void> {
  await installShell(page, options);
  await page.goto(`${control}/#/fire`);
  await expect(page.getByRole('heading', { level: 1, name: 'Appointment reminder' })).toBeVisible();
}

/** The trigger requests that reached the Dograh. */
function fired(page: Page): Promise<{ path: string; body: string }[]> {
  return page.evaluate(
    () => (window as unknown as { doubleFired: { path: string; body: string }[] }).doubleFired,
  );
}

async function add(page: Page, url = 'https://api.example.com/api/v1/'): Promise<void> {
  await page.getByRole('button', { name: 'Instance: This computer' }).click();
  await page.getByRole('menuitem', { name: 'Add an instance…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Acme hosted');
  await dialog.getByLabel('Address').fill(url);
  await dialog.getByLabel('API key').fill(KEY);
  await dialog.getByRole('button', { name: 'Test the connection' }).click();
  await expect(dialog.getByTestId('test-result')).not.toBeEmpty();
}

test('a plain Dograh is added, fired and read by polling; its key stays nowhere', async ({
  page,
  served,
}) => {
  await open(page, served.control);
  await add(page);
  await expect(page.getByTestId('test-result')).toHaveText('Connected to Dograh 1.45.0.');
  const { violations } = await new AxeBuilder({ page }).include('dialog').analyze();
  expect(violations.map((v) => v.id)).toEqual([]);
  await page.getByRole('button', { name: 'Save' }).click();

  await expect(page.getByRole('heading', { level: 1, name: 'Lead intake' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'API keys' })).toHaveCount(0);
  const kept = await page.evaluate(
    () => document.documentElement.outerHTML + JSON.stringify({ ...localStorage }),
  );
  expect(kept).not.toContain(KEY);

  await page.getByRole('button', { name: 'Copy the production URL' }).click();
  await expect
    .poll(() => page.evaluate(() => navigator.clipboard.readText()))
    .toBe('https://api.example.com/api/v1/public/agent/lead-intake');

  await page.getByText('Production', { exact: true }).first().click();
  await setContext(page, '{"name": "Ada"}');
  await expect(page.getByTestId('greeting')).toContainText('Ada');
  await typeNumber(page, '+14155550123');
  await expect(page.getByText('United States')).toBeVisible();
  await expect(page.locator('#fire-sentence')).toContainText('Acme hosted calls a real phone.');
  await page.getByRole('button', { name: 'Place the call' }).click();
  await page
    .getByRole('dialog', { name: 'Place a production call?' })
    .getByRole('button', { name: 'Place the call' })
    .click();
  await expect(page.getByTestId('live-run')).toHaveAttribute('data-state', 'in-progress');
  await expect(page.getByTestId('end-sentence')).toHaveText('The callee hung up.');
  expect(await fired(page)).toEqual([
    {
      path: '/api/v1/public/agent/lead-intake',
      body: '{"phone_number":"+14155550123","initial_context":{"name": "Ada"}}',
    },
  ]);

  await page.getByRole('link', { name: 'Open the run' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'WR-API-4821' })).toBeVisible();
  await expect(page.getByTestId('axis')).toContainText('Hello from afar.');
  await page.getByRole('link', { name: /^Runs/ }).first().click();
  await expect(page.getByRole('list', { name: 'Runs' })).toContainText('The callee hung up.');
});

test('nothing of this computer can be fired at an instance that has not answered yet', async ({
  page,
  served,
}) => {
  await open(page, served.control, { silent: true });
  await add(page);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('button', { name: 'Instance: Acme hosted' })).toBeVisible();
  await expect(page.locator('p.loading').first()).toBeVisible();
  await expect(page.getByLabel('Number to call')).toHaveCount(0);
  await expect(page.getByRole('link', { name: /Appointment reminder/ })).toHaveCount(0);
});

test('after an answer that got lost, asking a Dograh again warns of a second call', async ({
  page,
  served,
}) => {
  await open(page, served.control, { answersLost: true });
  await add(page);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Lead intake' })).toBeVisible();
  await page.locator('label.production').click();
  await typeNumber(page, '+14155550123');
  const place = page.getByRole('button', { name: 'Place the call' });
  await expect(place).toHaveAttribute('aria-disabled', 'false');
  await place.click();
  const question = page.getByRole('dialog', { name: 'Place a production call?' });
  await expect(question).not.toContainText('may have gone out');
  await question.getByRole('button', { name: 'Place the call' }).click();
  await expect(page.locator('#fire-sentence')).toContainText('may have gone out');
  await expect(async () => {
    await place.click();
    await expect(question).toContainText('this may ring the same phone a second time', { timeout: 1_000 });
  }).toPass();
  expect(await fired(page)).toHaveLength(1);
});

test('a production call to a real phone takes a second, deliberate act', async ({ page, served }) => {
  await open(page, served.control);
  await add(page);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Lead intake' })).toBeVisible();
  await page.locator('label.production').click();
  await typeNumber(page, '+14155550123');
  const place = page.getByRole('button', { name: 'Place the call' });
  await expect(place).toHaveAttribute('aria-disabled', 'false');
  const question = page.getByRole('dialog', { name: 'Place a production call?' });

  // Neither a double click nor a repeated shortcut is a second act.
  await place.dblclick();
  for (const words of ['+1 415 555 0123', 'By its area code', 'Lead intake, published v7', 'Acme hosted']) {
    await expect(question).toContainText(words);
  }
  await expect(place).toBeFocused();
  const { violations } = await new AxeBuilder({ page }).include('dialog').analyze();
  expect(violations.map((v) => v.id)).toEqual([]);
  await page.keyboard.press('Control+Enter');
  await page.keyboard.press('Escape');
  await expect(question).toHaveCount(0);
  await expect(place).toBeFocused();

  // The card is about the call as it is asked for.
  await typeNumber(page, '+14155550199');
  expect(await fired(page)).toEqual([]);
  await expect(place).toHaveAttribute('aria-disabled', 'false');
  await page.keyboard.press('Control+Enter');
  await expect(question).toContainText('+1 415 555 0199');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('live-run')).toBeVisible();
  expect(await fired(page)).toHaveLength(1);
});

test('a window whose server could not start heals by itself', async ({ page, served }) => {
  const detail = 'another Switchhook (process 42) serves this folder; stop it first';
  await page.route('**/api/switchhook/capabilities', (route) =>
    route.fulfill({ status: 503, json: { code: 'data-folder-in-use', detail } }),
  );
  await installShell(page);
  await page.goto(`${served.control}/#/fire`);
  await expect(page.getByRole('alert')).toContainText('Another Switchhook (process 42)');
  await page.unroute('**/api/switchhook/capabilities');
  await expect(page.getByRole('heading', { level: 1, name: 'Appointment reminder' })).toBeVisible();
});

test('a changed address needs its key again', async ({ page, served }) => {
  await open(page, served.control);
  await add(page);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Instance: Acme hosted' }).click();
  await page.getByRole('menuitem', { name: 'Edit Acme hosted…' }).click();
  const save = page.getByRole('button', { name: 'Save' });
  await expect(save).toBeEnabled();
  await page.getByRole('dialog').getByLabel('Address').fill('https://elsewhere.example.com');
  await expect(page.getByText('Enter the one for this address.')).toBeVisible();
  await expect(save).toBeDisabled();
  await page.getByRole('dialog').getByLabel('API key').fill(KEY);
  await expect(save).toBeEnabled();
});

test('a key that may only fire works through a trigger added by its URL', async ({ page, served }) => {
  await open(page, served.control, { triggerOnly: true });
  await add(page, 'https://api.example.com/api/v1/public/agent/test/abc-1');
  await expect(page.getByText('the trigger is added too')).toBeVisible();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'abc-1' })).toBeVisible();
  await expect(page.getByRole('radio', { name: /Test/ })).toBeChecked();

  await page.getByRole('button', { name: 'Add a trigger by its URL' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Trigger URL').fill('https://elsewhere.example/api/v1/public/agent/x');
  await expect(dialog.getByText('which is not Acme hosted')).toBeVisible();
  await dialog
    .getByLabel('Trigger URL')
    .fill("curl -X POST 'https://api.example.com/api/v1/public/agent/second'");
  await dialog.getByLabel('Name').fill('Second');
  await dialog.getByRole('button', { name: 'Add the trigger' }).click();
  await page.getByRole('link', { name: 'Second' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Second' })).toBeVisible();
  await typeNumber(page, '+14155550123');
  await expect(page.getByText('United States')).toBeVisible();
  await page.getByRole('button', { name: 'Fire test call' }).click();
  await expect(page.getByTestId('end-sentence')).toHaveText('The callee hung up.');

  await page.getByRole('button', { name: 'Remove Second' }).click();
  await expect(page.getByRole('link', { name: 'Second' })).toHaveCount(0);
});

for (const [outcome, says] of [
  ['wrong-url', 'neither a Switchhook nor a Dograh'],
  ['wrong-key', 'refuses this key'],
  ['no-network', 'Nothing answers'],
  ['tls', 'certificate'],
  ['secret-store-unavailable', 'keychain is locked'],
] as const) {
  test(`a connection test that ends in ${outcome} says what to do`, async ({ page, served }) => {
    await open(page, served.control, { testOutcome: outcome });
    await add(page);
    await expect(page.getByTestId('test-result')).toContainText(says);
    if (outcome !== 'wrong-key') {
      await expect(page.getByTestId('test-message')).toHaveText('What the network layer said.');
    }
  });
}

test('an instance is edited and removed', async ({ page, served }) => {
  await open(page, served.control);
  await add(page);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Instance: Acme hosted' }).click();
  await page.getByRole('menuitem', { name: 'Edit Acme hosted…' }).click();
  await expect(page.getByRole('dialog').getByLabel('API key')).toHaveValue('');
  await page.getByRole('dialog').getByLabel('Name').fill('Acme');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Instance: Acme', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Edit Acme…' }).click();
  await page.getByRole('button', { name: 'Remove the instance' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove the instance' }).click();
  await expect(page.getByRole('button', { name: 'Instance: This computer' })).toBeVisible();
  await expect(page.getByRole('heading', { level: 1, name: 'Appointment reminder' })).toBeVisible();
});
