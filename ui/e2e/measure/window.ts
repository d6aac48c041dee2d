/**
 * What the window costs: until it can be used, a key in a long context, a long list, memory, and the script of the
 * first load. Every figure is the middle one of several. Nothing fails for being slow; the marks stand beside it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { CDPSession, Page } from '@playwright/test';
import { firstLoad } from '../../tests/first-load';
import { manyRuns } from '../many-runs';
import { expect, setContext, test } from '../serve';

test.use({ own: 'measure' });

const DESKTOP = process.env.SWITCHHOOK_DESKTOP_BIN;
const ROUNDS = 7;

function tell(what: string, measured: string, mark: string): void {
  test.info().annotations.push({ type: what, description: `${measured} | ${mark}` });
}

function middle(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** The value that 95 of 100 are not above. */
function most(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.95) - 1] ?? Number.NaN;
}

const ms = (value: number) => `${value.toFixed(0)} ms`;
const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

test('the script of the first load', () => {
  const { bytes, files } = firstLoad();
  tell(
    `script of the first load, gzipped (${files.length} files)`,
    `${(bytes / 1000).toFixed(0)} kB`,
    '250 kB',
  );
});

test('until the page can be used', async ({ page, served }) => {
  const took: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    await page.goto('about:blank');
    await page.goto(`${served.control}/#/fire`);
    const button = page.getByRole('button', { name: 'Fire test call' });
    await button.waitFor();
    // The greeting is the last thing on the form that comes from the server.
    const at = await page.evaluate(async () => {
      while (!document.querySelector('[data-testid="greeting"]')) await new Promise(requestAnimationFrame);
      return performance.now();
    });
    // The first one is cold.
    if (round > 0) took.push(at);
  }
  tell('page in a browser until it can be used, warm', ms(middle(took)), '500 ms');
});

test('a key in a context of 1 MiB', async ({ window: page }) => {
  await setContext(page, '{}');
  const few = await keys(page);
  tell('a key in an empty context, until it is drawn: middle', ms(middle(few)), '–');
  const lines = Array.from({ length: 16_000 }, (_, i) => `  "field_${i}": "${'x'.repeat(45)}"`);
  const text = `{\n${lines.join(',\n')}\n}`;
  // Pasted, as a person brings in so much; typed at once it is one edit that browsers are slow with.
  await page.evaluate((pasted) => navigator.clipboard.writeText(pasted), text.slice(0, 2 ** 20 - 200));
  const editor = page.getByRole('textbox', { name: 'Initial context, JSON' });
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.press('ControlOrMeta+v');
  await expect(editor).toContainText('field_15999');
  await page.keyboard.press('ControlOrMeta+Home');
  const took = await keys(page);
  tell('a key in a context of 1 MiB, until it is drawn: middle', ms(middle(took)), '16 ms');
  tell('the same, 95 of 100', ms(most(took)), '16 ms');
});

/** What each of some keys takes until it is drawn. */
async function keys(page: Page): Promise<number[]> {
  const took: number[] = [];
  for (let key = 0; key < 60; key += 1) {
    // From the key to the end of the work that it makes, before the next frame is drawn.
    await page.evaluate(() => {
      const own = window as unknown as { took: Promise<number> };
      own.took = new Promise((resolve) => {
        const began = (event: KeyboardEvent) => {
          removeEventListener('keydown', began, true);
          const from = event.timeStamp;
          requestAnimationFrame(() => {
            const channel = new MessageChannel();
            channel.port1.addEventListener('message', () => resolve(performance.now() - from));
            channel.port1.start();
            channel.port2.postMessage(null);
          });
        };
        addEventListener('keydown', began, true);
      });
    });
    await page.keyboard.press('x');
    took.push(await page.evaluate(() => (window as unknown as { took: Promise<number> }).took));
  }
  return took;
}

test('a list of 100,000 runs', async ({ window: page }) => {
  await manyRuns(page, 100_000);
  await page.reload();
  const took: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    await page.getByRole('link', { name: 'Settings' }).click();
    await expect(page.getByLabel('Default country')).toBeVisible();
    const at = await page.evaluate(async () => {
      const began = performance.now();
      location.hash = '#/runs';
      while (!document.querySelector('[data-run="100000"]')) await new Promise(requestAnimationFrame);
      return performance.now() - began;
    });
    if (round > 0) took.push(at);
  }
  tell('list of 100,000 runs until its first row is drawn', ms(middle(took)), '150 ms');
  const cdp = await page.context().newCDPSession(page);
  tell('heap of the page with that list, after collecting', mib(await heap(cdp)), '–');
});

async function heap(cdp: CDPSession): Promise<number> {
  await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  return usedSize;
}

test('the real window', async () => {
  test.skip(!DESKTOP || process.platform !== 'linux', 'no desktop program is named');
  const screen = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1280x800x24'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const display = await new Promise<string>((resolve) =>
      createInterface({ input: screen.stdout }).once('line', resolve),
    );
    const home = await mkdtemp(path.join(tmpdir(), 'switchhook-measure-'));
    const starts: { ms: number; bytes: number }[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) starts.push(await opened(`:${display}`, home));
    await rm(home, { recursive: true, force: true });
    const warm = starts.slice(1);
    tell('real window until it can be used, warm', ms(middle(warm.map((one) => one.ms))), '500 ms');
    tell('the same, cold', ms(starts[0]?.ms ?? Number.NaN), '–');
    const bytes = middle(warm.map((one) => one.bytes));
    tell('memory of the real window, web view included', mib(bytes), '–');
  } finally {
    screen.kill();
  }
});

/** Starts the program, reads from its log when it could be used, and ends it. */
async function opened(display: string, home: string): Promise<{ ms: number; bytes: number }> {
  const child = spawn('dbus-run-session', ['--', DESKTOP ?? ''], {
    env: {
      PATH: process.env.PATH,
      DISPLAY: display,
      HOME: home,
      XDG_DATA_HOME: path.join(home, 'data'),
      XDG_CONFIG_HOME: path.join(home, 'config'),
      SWITCHHOOK_PUBLIC: '127.0.0.1:0',
      SWITCHHOOK_SECRETS: 'file',
      SWITCHHOOK_PASSPHRASE: 'measure',
      SWITCHHOOK_LOG: 'info',
      NO_COLOR: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const took = await new Promise<number>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the program ended with ${code}`)));
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on('line', (line) => {
        if (!line.includes('the window can be used')) return;
        const found = /\bms"?[=:]\s*(\d+)/.exec(line);
        if (found) resolve(Number(found[1]));
      });
    }
  });
  const bytes = await resident(child);
  const gone = new Promise((resolve) => child.once('exit', resolve));
  process.kill(-(child.pid ?? 0), 'SIGTERM');
  await gone;
  return { ms: took, bytes };
}

/** What a program and all that it started hold in memory, shared pages counted once for each (Pss). */
async function resident(child: ChildProcess): Promise<number> {
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const ours = (pid: number): boolean => {
    if (pid === child.pid) return true;
    const parent = parents.get(pid);
    return parent !== undefined && parent > 1 && ours(parent);
  };
  let kib = 0;
  for (const pid of [...parents.keys()].filter(ours)) {
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    kib += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
  }
  return kib * 1024;
}
