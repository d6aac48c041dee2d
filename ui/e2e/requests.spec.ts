import type { Page } from '@playwright/test';
import { everywhere } from './axe';
import { announced, expect, test } from './serve';

const at = (page: Page, path: string): string => new URL(path, page.url()).href;

/** Fires the sample agent's test URL as a program does, with the key. */
async function send(page: Page, body: string, key: string): Promise<number> {
  const agents = await (await page.request.get(at(page, '/api/v1/workflow/fetch'))).json();
  const server = await (await page.request.get(at(page, '/api/switchhook/server'))).json();
  const url = `${server.public.url}/api/v1/public/agent/test/${agents[0].trigger_path}`;
  const headers = { 'Content-Type': 'application/json', 'X-API-Key': key };
  return (await page.request.post(url, { headers, data: Buffer.from(body) })).status();
}

async function newKey(page: Page, name: string): Promise<string> {
  const reply = await page.request.post(at(page, '/api/v1/user/api-keys'), {
    headers: { 'X-Switchhook': 'window' },
    data: { name, scope: 'trigger' },
  });
  return (await reply.json()).api_key;
}

async function open(page: Page): Promise<void> {
  await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Requests' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Requests' })).toBeVisible();
  await expect(page.getByLabel('Keep bodies')).toBeVisible();
}

test('a refused request is seen with its key and its reason, and who has none is counted', async ({
  window: page,
}) => {
  await open(page);
  const key = await newKey(page, 'for n8n');
  expect(await send(page, '{}', key)).toBe(422);
  const row = page.getByRole('row', { name: /for n8n/ }).first();
  await expect(row).toContainText('Refused, 422');
  await expect(row).toContainText('phone_number: Field required');
  const before = await page.getByTestId('strangers').innerText();
  expect(await send(page, '{}', 'dgr_wrong')).toBe(422);
  await expect(page.getByTestId('strangers')).not.toHaveText(before);
  await expect(page.getByTestId('strangers')).toContainText('without a valid key');

  await row.getByRole('link', { name: /details/ }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('422 invalid-request');
  await expect(dialog).toContainText('Not kept.');
  await expect(dialog.getByRole('button', { name: 'Replay…' })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  expect(page.url()).toMatch(/#\/requests$/);
});

test('a kept body is replayed at the desk phone with a key of its own', async ({ window: page }) => {
  await open(page);
  const bodies = page.getByLabel('Keep bodies');
  await bodies.check();
  await expect(announced(page)).toContainText('Bodies are kept from now on.');
  const key = await newKey(page, 'to replay');
  const body = '{"phone_number":"+14155550101","initial_context":{"big":12345678901234567890}}';
  expect(await send(page, body, key)).toBe(200);
  const row = page.getByRole('row', { name: /to replay/ }).first();
  await row.getByRole('link', { name: /details/ }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('region', { name: 'Body' })).toContainText('12345678901234567890');
  await dialog.getByRole('button', { name: 'Replay…' }).click();
  await expect(dialog.getByLabel('Through')).toHaveValue('1');
  const text = dialog.getByLabel('Body');
  await text.fill('{"phone_number": 1');
  await expect(dialog.getByRole('button', { name: 'Replay at the desk phone' })).toBeDisabled();
  await text.fill(body);
  const asked = page.waitForRequest(
    (sent) => sent.method() === 'POST' && sent.url().includes('/agent/test/'),
  );
  await dialog.getByRole('button', { name: 'Replay at the desk phone' }).click();
  const request = await asked;
  expect(request.headers()['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
  expect(request.postData()).toContain('12345678901234567890');
  expect(request.postDataJSON()).toMatchObject({ telephony_configuration_id: 1 });
  await expect(page).toHaveURL(/#\/runs\/\d+/);

  await open(page);
  await bodies.uncheck();
  await expect(announced(page)).toContainText('Bodies are forgotten');
  await row.getByRole('link', { name: /details/ }).click();
  await expect(dialog).toContainText('Not kept.');
});

test('the requests page passes axe and fits with everything on it', async ({ window: page }) => {
  test.setTimeout(120_000);
  await open(page);
  const key = await newKey(page, 'everywhere');
  await page.getByLabel('Keep bodies').check();
  await expect(announced(page)).toContainText('Bodies are kept');
  expect(await send(page, '{"phone_number":"+14155550102"}', key)).toBe(200);
  expect(await send(page, '{"phone_number":"12"}', key)).toBe(422);
  await expect(page.getByRole('row', { name: /everywhere/ })).toHaveCount(2);
  await everywhere(page, async (check) => {
    await check('requests');
    await page
      .getByRole('row', { name: /everywhere/ })
      .last()
      .getByRole('link', { name: /details/ })
      .click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByRole('region', { name: 'Body' })).toBeVisible();
    await check('a request');
    await dialog.getByRole('button', { name: 'Replay…' }).click();
    await expect(dialog.getByLabel('Through')).toHaveValue('1');
    await check('a replay');
    await page.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
  });
  await page.getByRole('button', { name: 'Forget all' }).click();
  await expect(page.getByText('No request yet')).toBeVisible();
});
