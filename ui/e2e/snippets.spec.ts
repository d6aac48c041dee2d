import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { Page } from '@playwright/test';
import { announced, expect, setContext, test, typeNumber } from './serve';

const CONTEXT = `{"order": 12345678901234567890, "customer_name": "O'Brien \\"x\\" $HOME"}`;

/** How each kind is run here; a program that is not installed is told as a skipped test. */
const KINDS = [
  ['cURL', ['sh', '-c'], 'curl'],
  ['HTTPie', ['sh', '-c'], 'http'],
  ['Python', ['python3', '-c'], 'python3'],
  ['JavaScript', ['node', '-e'], 'node'],
] as const;

async function copied(page: Page, kind: string): Promise<string> {
  await page.getByRole('button', { name: 'Copy the request as something else' }).click();
  await page.getByRole('menuitem', { name: `Copy as ${kind}` }).click();
  await expect(announced(page)).toContainText(`${kind} for the test URL copied`);
  return page.evaluate(() => navigator.clipboard.readText());
}

/** Runs a snippet; answers its exit status, and what it printed on both of its streams. */
async function run(
  command: readonly string[],
  text: string,
  env: Record<string, string>,
): Promise<[number, string, string]> {
  const [program = '', flag = ''] = command;
  const child = spawn(program, [flag, text], {
    env: { PATH: process.env.PATH ?? '', HOME: '/nowhere', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let complaints = '';
  child.stdout.on('data', (data: Buffer) => (out += data.toString()));
  child.stderr.on('data', (data: Buffer) => (complaints += data.toString()));
  const [status] = (await once(child, 'close')) as [number];
  return [status, out, complaints];
}

for (const [kind, command, program] of KINDS) {
  test(`the copied ${kind} places the call that the form would`, async ({ window: page }) => {
    test.setTimeout(120_000);
    test.skip(spawnSync('which', [program]).status !== 0, `${program} is not installed`);
    const created = await page.request.post(new URL('/api/v1/user/api-keys', page.url()).href, {
      headers: { 'X-Switchhook': 'window' },
      data: { name: kind, scope: 'trigger' },
    });
    const { api_key: key } = (await created.json()) as { api_key: string };
    await typeNumber(page, '+14155550101');
    await setContext(page, CONTEXT);
    const text = await copied(page, kind);
    expect(text).not.toContain(key);

    expect((await run(command, text, {}))[0], 'without a key it fails').not.toBe(0);
    const [status, out, complaints] = await run(command, text, { SWITCHHOOK_API_KEY: key });
    expect(status, complaints).toBe(0);
    const id = (JSON.parse(out.slice(out.indexOf('{'))) as { workflow_run_id: number }).workflow_run_id;
    const stored = await page.evaluate(
      async (of) => (await fetch(`/api/switchhook/runs/${of}`)).text(),
      String(id),
    );
    expect(stored).toContain('12345678901234567890');
    expect(stored).toContain(`O'Brien \\"x\\" $HOME`);
  });
}

test('the n8n node is copied by keyboard', async ({ window: page }) => {
  await typeNumber(page, '+14155550101');
  const more = page.getByRole('button', { name: 'Copy the request as something else' });
  await more.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem').first()).toBeFocused();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await expect(announced(page)).toContainText('n8n node for the test URL copied');
  const text = await page.evaluate(() => navigator.clipboard.readText());
  const { nodes } = JSON.parse(text) as { nodes: { type: string; parameters: { url: string } }[] };
  expect(nodes[0]?.type).toBe('n8n-nodes-base.httpRequest');
  expect(nodes[0]?.parameters.url).toContain('/api/v1/public/agent/test/');
});
