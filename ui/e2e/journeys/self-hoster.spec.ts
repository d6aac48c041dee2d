/**
 * The self-hoster's day: the server without a window on the network, a key for n8n, its request seen, the key
 * taken back. The page is a browser's; what n8n sends is sent as n8n sends it.
 */
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { test as base } from '@playwright/test';
import { expect, start, stop } from '../serve';

/** A server that the journey starts and stops itself, over one data folder. */
interface Host {
  /** Starts it on `address`, an earlier one being stopped before, and signs the page in. */
  serve: (address: string) => Promise<void>;
}

const test = base.extend<{ host: Host }>({
  host: async ({ page }, use) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'switchhook-e2e-'));
    let running: ChildProcess | null = null;
    await use({
      serve: async (address) => {
        if (running) await stop(running);
        const { child, ready } = await start(folder, address);
        running = child;
        await page.goto('about:blank');
        await page.goto(ready.sign_in);
        await expect(page.getByRole('navigation', { name: 'Places' })).toBeVisible();
      },
    });
    await page.goto('about:blank');
    if (running) await stop(running);
    await rm(folder, { recursive: true, force: true });
  },
});

async function go(page: Page, place: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: place }).click();
  await expect(page.getByRole('heading', { level: 1, name: place })).toBeVisible();
}

const copied = (page: Page) => page.evaluate(() => navigator.clipboard.readText());

test('a self-hoster opens the server to the network, gives n8n a key, and takes it back', async ({
  page,
  host,
  request,
}) => {
  test.setTimeout(60_000);
  await host.serve('127.0.0.1:0');
  const network = page.getByRole('list', { name: 'Who can reach it' }).getByRole('listitem').nth(1);
  let url = '';
  let key = '';
  const fire = () =>
    request.post(url, {
      headers: { 'X-API-Key': key, 'User-Agent': 'axios/1.8.3' },
      data: { phone_number: '+14155550101', initial_context: { customer_name: 'Jane' } },
    });

  await test.step('nobody else reaches it yet, and the page says how', async () => {
    await go(page, 'Settings');
    await expect(network).toContainText('Your network not reachable');
    await page.getByRole('button', { name: 'Copy how to open it to the network' }).click();
    const address = /^switchhook serve --public (0\.0\.0\.0:\d+)$/.exec(await copied(page))?.[1];
    await host.serve(address ?? 'the command names no address');
  });

  await test.step('now the network does, and what that means is said', async () => {
    await go(page, 'Settings');
    await expect(network).toContainText('Your network reachable, not encrypted');
    await expect(network).toContainText('Put TLS in front of it');
    await page.getByRole('button', { name: 'Try the addresses' }).click();
    await expect(page.getByTestId('tried-here')).toContainText('tried: it answers');
  });

  await test.step('a key for n8n, shown once, and the URL', async () => {
    await go(page, 'API keys');
    await page.getByLabel('Name').fill('n8n');
    await page.getByRole('button', { name: 'Create a key' }).click();
    await page.getByRole('button', { name: 'Copy the key' }).click();
    await expect.poll(() => copied(page)).toMatch(/^dgr_/);
    key = await copied(page);
    await page.getByRole('button', { name: 'I have copied it' }).click();
    await expect(page.getByTestId('new-key')).toHaveCount(0);
    await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Fire' }).click();
    await page.getByRole('button', { name: 'Copy the production URL' }).click();
    await expect.poll(() => copied(page)).toContain('/api/v1/public/agent/');
    url = await copied(page);
    // The address that the network knows, or this computer's where there is no network.
    expect(url).not.toContain('0.0.0.0');
  });

  await test.step('n8n fires, and its request is seen with its key', async () => {
    await go(page, 'Requests');
    const reply = await fire();
    expect(reply.status()).toBe(200);
    const row = page.getByRole('row', { name: /n8n/ }).first();
    await expect(row).toContainText('Fired');
    await row.getByRole('link', { name: /^Run \d+/ }).click();
    await expect(page.getByRole('heading', { level: 1, name: /^WR-API-/ })).toBeVisible();
    await expect(page.getByTestId('end-sentence')).not.toBeEmpty();
  });

  await test.step('the key is taken back, and n8n is refused', async () => {
    await go(page, 'API keys');
    await page.getByRole('button', { name: 'Archive n8n' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Archive' }).click();
    await expect(page.getByRole('row', { name: /n8n/ })).toHaveCount(0);
    expect((await fire()).status()).toBe(401);
    await go(page, 'Requests');
    await expect(page.getByTestId('strangers')).toContainText('1 request without a valid key');
  });
});
