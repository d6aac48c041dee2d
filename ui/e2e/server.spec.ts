import type { Page } from '@playwright/test';
import { everywhere } from './axe';
import { announced, expect, test } from './serve';

async function open(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByLabel('Default country')).toBeVisible();
}

/** Answers of the server with something else said in them. */
async function serverSays(page: Page, says: object): Promise<void> {
  await page.route('**/api/switchhook/server', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), ...says } });
  });
}

test('settings say who can reach the server, and what would change that', async ({ window: page }) => {
  await open(page);
  const rows = page.getByRole('list', { name: 'Who can reach it' }).getByRole('listitem');
  await expect(rows.nth(0)).toContainText('This computer reachable');
  await expect(rows.nth(1)).toContainText('Your network not reachable');
  await expect(rows.nth(2)).toContainText('From outside not reachable');
  await page.getByRole('button', { name: 'Copy how to open it to the network' }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(
    /^switchhook serve --public 0\.0\.0\.0:\d+$/,
  );

  await page.getByLabel('Public base URL').fill('https://calls.example.com');
  await page.keyboard.press('Tab');
  await expect(rows.nth(2)).toContainText('From outside reachable https://calls.example.com');
  await page.getByLabel('Public base URL').fill('');
  await page.keyboard.press('Tab');
  await expect(rows.nth(2)).toContainText('not reachable');

  await serverSays(page, { public: { url: 'http://192.168.1.5:4665', problem: null } });
  await page.reload();
  await expect(rows.nth(1)).toContainText('reachable, not encrypted');
  await expect(rows.nth(1)).toContainText('Put TLS in front of it');
});

test('every address is really tried, and one that leads elsewhere says what to do', async ({
  window: page,
}) => {
  await open(page);
  const rows = page.getByRole('list', { name: 'Who can reach it' }).getByRole('listitem');
  const info = await page.evaluate(async () => (await fetch('/api/switchhook/server')).json());
  const base = page.getByLabel('Public base URL');
  await base.fill(info.public.url);
  await page.keyboard.press('Tab');
  await expect(announced(page)).toContainText('Saved.');
  await page.getByRole('button', { name: 'Try the addresses' }).click();
  await expect(page.getByTestId('tried-here')).toContainText('tried: it answers');
  await expect(page.getByTestId('tried-outside')).toContainText('tried: it answers');
  await expect(page.getByTestId('tried-network')).toHaveCount(0);

  // Nothing listens there, and another address is not called tried before it is.
  await base.fill('http://127.0.0.1:9');
  await page.keyboard.press('Tab');
  await expect(page.getByTestId('tried-here')).toHaveCount(0);
  await page.getByRole('button', { name: 'Try the addresses' }).click();
  await expect(page.getByTestId('tried-outside')).toContainText('tried: nothing answers');
  await expect(rows.nth(2)).toContainText(`Lead the tunnel or the proxy to ${info.public.url}`);
  await base.fill('');
  await page.keyboard.press('Tab');
  await expect(rows.nth(2)).toContainText('not reachable');
});

test('the control listener is switched where it is the window’s to switch', async ({ window: page }) => {
  await open(page);
  await expect(page.getByRole('switch', { name: 'Control listener' })).toHaveCount(0);
  await serverSays(page, { control_can_be_switched: true, control: { url: null, problem: null } });
  await page.route('**/api/switchhook/server/control', (route) =>
    route.fulfill({ json: { url: 'http://127.0.0.1:4666', problem: null } }),
  );
  await page.reload();
  const asked = page.waitForRequest('**/api/switchhook/server/control');
  await page.getByRole('switch', { name: 'Control listener' }).check({ force: true });
  expect((await asked).postDataJSON()).toEqual({ is_on: true });
  await expect(announced(page)).toContainText('The control listener is on.');
});

test('the network is let in by a switch that says what that means', async ({ window: page }) => {
  await open(page);
  await expect(page.getByRole('switch', { name: 'Take triggers from the network' })).toHaveCount(0);
  await serverSays(page, { network_can_be_switched: true });
  await page.route('**/api/switchhook/server/network', (route) =>
    route.fulfill({ json: { url: 'http://0.0.0.0:4665', network_url: null, problem: null } }),
  );
  await page.reload();
  const turn = page.getByRole('switch', { name: 'Take triggers from the network' });
  await expect(turn).toHaveAccessibleDescription(/plain HTTP: keys and numbers can be read/);
  await expect(page.getByText('To let them in, start')).toHaveCount(0);
  const asked = page.waitForRequest('**/api/switchhook/server/network');
  await turn.check({ force: true });
  expect((await asked).postDataJSON()).toEqual({ is_on: true });
  await expect(announced(page)).toContainText('Triggers are taken from the network.');
});

test('how to put TLS in front is said with a command for this port', async ({ window: page }) => {
  await open(page);
  const how = page.getByText('How to put TLS in front');
  await how.focus();
  await page.keyboard.press('Enter');
  const said = await page.evaluate(async () => (await fetch('/api/switchhook/server')).json());
  const { port } = new URL(said.public.url);
  await expect(page.getByText(`--to 127.0.0.1:${port}`)).toBeVisible();
});

test('limits of calls and requests are kept, and hold only what they can', async ({ window: page }) => {
  await open(page);
  const rate = page.getByLabel('Requests a second for each key');
  await rate.fill('0');
  await page.keyboard.press('Tab');
  await expect(rate).toHaveAccessibleDescription('A whole number from 1 to 100,000.');
  await rate.fill('25');
  await page.keyboard.press('Tab');
  await expect(announced(page)).toContainText('Saved.');
  await page.getByLabel('Calls at the same time').fill('7');
  const saved = page.waitForResponse((response) => response.request().method() === 'PUT');
  await page.keyboard.press('Tab');
  await saved;
  await page.reload();
  await expect(rate).toHaveValue('25');
  await expect(page.getByLabel('Calls at the same time')).toHaveValue('7');
  const cleared = page.waitForResponse((response) => response.request().method() === 'PUT');
  await rate.fill('');
  await page.keyboard.press('Tab');
  expect(await (await cleared).json()).toMatchObject({ requests_per_second: null });
});

test('a damaged database is said on every page, with the way out', async ({ window: page }) => {
  test.setTimeout(120_000);
  await serverSays(page, {
    storage_problem: {
      message: 'the database is damaged and open for reading alone',
      fix: 'stop Switchhook and run switchhook backup restore',
    },
  });
  await page.reload();
  const banner = page.getByRole('alert');
  await expect(banner).toContainText('The database is damaged and open for reading alone.');
  await expect(banner).toContainText('Stop Switchhook and run switchhook backup restore.');
  await expect(page.getByRole('link', { name: /Data damaged/ })).toBeVisible();
  await everywhere(page, async (check) => {
    await page.getByRole('link', { name: 'Settings' }).click();
    await expect(page.getByLabel('Default country')).toBeVisible();
    await expect(banner).toBeVisible();
    await check('settings of a damaged database');
    await page.getByRole('link', { name: /^Runs/ }).click();
    await expect(banner).toBeVisible();
  });
});
