/**
 * One `switchhook serve` per worker, on free ports and a fresh data folder, and a signed-in page.
 * SWITCHHOOK_BIN names the program; without it the debug build of this repository is used.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { test as base, expect, type Page } from '@playwright/test';

const BUILT = fileURLToPath(new URL('../../target/debug/switchhook', import.meta.url));

export interface Ready {
  event: 'ready';
  public: string;
  control: string;
  data_dir: string;
  sign_in: string;
}

export interface Served extends Ready {
  /** The cookie that the one-time link bought, for pages opened later. */
  storageState: Awaited<ReturnType<ReturnType<Page['context']>['storageState']>>;
}

/** Starts a server; `address` is where its public listener listens, port 0 being any free one. */
export async function start(
  dataDir: string,
  address = '127.0.0.1:0',
): Promise<{ child: ChildProcess; ready: Ready }> {
  const child = spawn(
    process.env.SWITCHHOOK_BIN ?? BUILT,
    [
      'serve',
      '--public',
      address,
      '--control',
      '127.0.0.1:0',
      '--data-dir',
      dataDir,
      '--secrets',
      'file',
      '--sign-in-link',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, SWITCHHOOK_PASSPHRASE: 'end to end' } },
  );
  const log: string[] = [];
  child.stderr?.on('data', (data: Buffer) => log.push(data.toString()));
  const ready = await new Promise<Ready>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`switchhook serve ended with ${code}:\n${log.join('')}`)));
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).once('line', (line) =>
      resolve(JSON.parse(line) as Ready),
    );
  });
  return { child, ready };
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}

export const test = base.extend<{ window: Page }, { served: Served; own: string }>({
  /** A file that names itself here has a server that no other file has used. */
  own: ['', { option: true, scope: 'worker' }],
  served: [
    async ({ browser }, use) => {
      const dataDir = await mkdtemp(path.join(tmpdir(), 'switchhook-e2e-'));
      const { child, ready } = await start(dataDir);
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(ready.sign_in);
      await expect(page.getByRole('navigation')).toBeVisible();
      const storageState = await context.storageState();
      await context.close();
      await use({ ...ready, storageState });
      await stop(child);
      await rm(dataDir, { recursive: true, force: true });
    },
    { scope: 'worker' },
  ],
  context: async ({ browser, contextOptions, served }, use) => {
    const context = await browser.newContext({ ...contextOptions, storageState: served.storageState });
    await use(context);
    // What a test answers in the server's place may be asked for until the end.
    await Promise.all(context.pages().map((page) => page.unrouteAll({ behavior: 'ignoreErrors' })));
    await context.close();
  },
  /** The Fire page, read and ready; nothing rings. */
  window: async ({ page, served }, use) => {
    const wrong: string[] = [];
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) wrong.push(message.text());
    });
    await page.goto(`${served.control}/#/fire`);
    await expect(page.getByRole('heading', { level: 1, name: 'Appointment reminder' })).toBeVisible();
    await expect(page.getByTestId('greeting')).toBeVisible();
    await use(page);
    expect(wrong, 'errors in the page').toEqual([]);
  },
});

export { expect };

/** The announcement that a screen reader would read out. */
export function announced(page: Page) {
  return page.getByTestId('announcer');
}

export async function typeNumber(page: Page, number: string): Promise<void> {
  await page.getByLabel('Number to call').fill(number);
}

/** Puts a text into the context editor as a person would: select all, type over it, by the clipboard. */
export async function setContext(page: Page, text: string): Promise<void> {
  const views = page.getByRole('group', { name: 'Show the context as' });
  await views.getByRole('button', { name: 'JSON' }).click();
  const editor = page.getByRole('textbox', { name: 'Initial context, JSON' });
  await editor.focus();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(text);
}

/** Fires at a number that plays its own outcome and answers the run's state when it is over. */
export async function fireAndSettle(page: Page, number: string): Promise<string> {
  await typeNumber(page, number);
  const button = page.getByRole('button', { name: /Fire test call|Place the call/ });
  await expect(button).toHaveAttribute('aria-disabled', 'false');
  // An earlier run, which is over, stays in sight until this one has begun.
  const link = page.getByTestId('live-run').getByRole('link', { name: 'Open the run' });
  const earlier = (await link.count()) > 0 ? await link.getAttribute('href') : null;
  await button.click();
  if (earlier !== null) await expect(link).not.toHaveAttribute('href', earlier);
  await expect(page.getByTestId('end-sentence')).toBeVisible({ timeout: 15_000 });
  return (await page.getByTestId('live-run').getAttribute('data-state')) ?? '';
}
