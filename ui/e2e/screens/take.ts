/**
 * Takes the pictures in docs/screens: every screen in both themes, over the same invented practice and at the same
 * fixed time. SWITCHHOOK_SHOTS names a folder for the same screens in the smallest window, which are only looked at.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { CarrierDouble } from '../carrier-double';
import { asPage, frontDesk } from '../journeys/front-desk';
import { expect, setContext, test, typeNumber } from '../serve';
import { fix } from './fixed';
import { small } from './small-png';

test.use({ own: 'screens' });

const FOLDER = fileURLToPath(new URL('../../../docs/screens', import.meta.url));
const NARROW = process.env.SWITCHHOOK_SHOTS;
const PUBLIC = 'https://calls.harbour-dental.example';

/** One screen as it stands, in both themes. */
async function picture(page: Page, name: string): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
    await page.evaluate(() => document.fonts.ready);
    await writeFile(path.join(FOLDER, `${name}-${theme}.png`), small(await page.screenshot()));
    if (!NARROW) continue;
    await page.setViewportSize({ width: 960, height: 600 });
    await page.screenshot({ path: path.join(NARROW, `${name}-${theme}-960.png`) });
    await page.setViewportSize({ width: 1280, height: 800 });
  }
}

async function go(page: Page, place: string, heading: string | RegExp = place): Promise<void> {
  await page
    .getByRole('navigation', { name: 'Places' })
    .getByRole('link', { name: new RegExp(`^${place}`) })
    .click();
  await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
}

/** A notice of what was just done is no part of a screen. */
async function quiet(page: Page): Promise<void> {
  await page.addStyleTag({ content: '[data-testid="announcer"] { visibility: hidden }' });
}

async function create(page: Page, name: string, starter: RegExp): Promise<void> {
  await go(page, 'Agents');
  await page.getByRole('button', { name: 'Create an agent' }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByRole('radio', { name: starter }).check();
  await page.getByRole('button', { name: 'Create the agent' }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

/** A call through the desk phone that plays its own outcome, to its end. */
async function call(page: Page, mode: string, number: string, name: string): Promise<void> {
  const { workflow_run_id: id } = await asPage<{ workflow_run_id: number }>(
    page,
    'POST',
    `/api/v1/public/agent/${mode}appointments`,
    {
      phone_number: number,
      telephony_configuration_id: 1,
      initial_context: { customer_name: name, appointment_date: '19 March, 10:30' },
    },
  );
  await expect
    .poll(async () => (await asPage<{ state: string }>(page, 'GET', `/api/switchhook/runs/${id}`)).state)
    .not.toMatch(/queued|dialing|ringing|in-progress/);
}

test('the pictures', async ({ window: page, served }) => {
  await mkdir(FOLDER, { recursive: true });
  const carrier = new CarrierDouble(served.public);
  const address = await carrier.listen();
  await fix(page, {
    [served.data_dir]: '~/.local/share/switchhook',
    [served.public]: 'http://127.0.0.1:4665',
    [served.control]: 'http://127.0.0.1:4666',
    [address]: 'https://api.twilio.com',
  });
  await page.reload();
  await expect(page.getByTestId('greeting')).toBeVisible();
  await quiet(page);

  await test.step('nothing there yet', async () => {
    await go(page, 'Runs');
    await expect(page.getByText('No calls yet')).toBeVisible();
    await picture(page, 'runs-empty');
    await go(page, 'Requests');
    await expect(page.getByText('No request yet')).toBeVisible();
    await picture(page, 'requests-empty');
    await go(page, 'API keys');
    await expect(page.getByText('No API keys yet')).toBeVisible();
    await picture(page, 'keys-empty');
  });

  await test.step('a practice with agents, a line and a morning of calls', async () => {
    await asPage(page, 'POST', '/api/switchhook/agents/1/trigger/rotate', { trigger_path: 'appointments' });
    await create(page, 'After the visit', /^A few questions/);
    await create(page, 'Waiting list', /^Greeting and goodbye/);
    await frontDesk(page, address, PUBLIC);
    for (const [mode, number, name] of [
      ['', '+14155550101', 'Jane'],
      ['', '+14155550102', 'John'],
      ['test/', '+14155550101', 'Jane'],
      ['', '+14155550104', 'Ada'],
      ['', '+14155550101', 'Sam'],
      ['', '+14155550105', 'Lee'],
    ] as const) {
      await call(page, mode, number, name).catch(() => {});
    }
  });

  await test.step('Fire', async () => {
    await go(page, 'Fire', 'Appointment reminder');
    await page.reload();
    await quiet(page);
    await page.getByLabel('Telephony').selectOption({ label: 'Desk phone' });
    await typeNumber(page, '+14155550100');
    await page.getByLabel('Customer name', { exact: true }).fill('Jane');
    await page.getByLabel('Appointment date', { exact: true }).fill('19 March, 10:30');
    await expect(page.getByTestId('greeting')).toContainText('Jane');
    await picture(page, 'fire');
    await setContext(page, '{\n  "customer_name": "Jane",\n  "appointment_date": "19 March, 10:30"\n}');
    await expect(page.getByText('Valid JSON')).toBeVisible();
    await picture(page, 'fire-json');
    await page.getByRole('button', { name: 'Form', exact: true }).click();
  });

  await test.step('the desk phone', async () => {
    await page.getByRole('button', { name: 'Fire test call' }).click();
    await expect(page.getByRole('button', { name: 'Answer' })).toBeFocused();
    await picture(page, 'ringing');
    await page.keyboard.press('Enter');
    await page.getByLabel('Say something as the callee').fill('Yes, half past ten is fine.');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('log')).toContainText('half past ten');
    await page.getByRole('button', { name: /^Date suits/ }).click();
    await expect(page.getByRole('button', { name: /^All confirmed/ })).toBeVisible();
    await picture(page, 'in-call');
    await page.getByRole('button', { name: /^All confirmed/ }).click();
    await expect(page.getByTestId('end-sentence')).toBeVisible();
    await picture(page, 'ended');
  });

  await test.step('a production call, looked over and placed', async () => {
    await page.locator('label.production').click();
    await page.getByLabel('Telephony').selectOption({ label: 'Front desk line (default)' });
    await typeNumber(page, '+447400123456');
    await expect(page.getByText('United Kingdom, mobile')).toBeVisible();
    await page.getByTestId('live-run').getByRole('button', { name: 'Back to the preview' }).click();
    await expect(page.getByTestId('greeting')).toBeVisible();
    await picture(page, 'production');
    await page.getByRole('button', { name: 'Place the call' }).click();
    const card = page.getByRole('dialog', { name: 'Place a production call?' });
    await expect(card).toContainText('Jane');
    await picture(page, 'preflight');
    await card.getByRole('button', { name: 'Place the call' }).click();
    await carrier.dialed;
    for (const status of ['ringing', 'in-progress', 'completed'] as const) await carrier.tell(status);
    await expect(page.getByTestId('end-sentence')).toBeVisible();
    await page.getByTestId('live-run').getByText('Outcome and note').click();
    await page.getByTestId('live-run').getByRole('button', { name: 'Reached' }).click();
    await page.getByLabel('Note', { exact: true }).fill('Comes on Thursday, needs parking.');
    await expect(page.getByTestId('remark-state')).toContainText('Kept.');
    await picture(page, 'note');
  });

  await test.step('runs', async () => {
    await go(page, 'Runs');
    const rows = page.getByRole('list', { name: 'Runs' }).getByRole('listitem');
    await expect(rows.first()).toContainText('Has a note');
    await picture(page, 'runs');
    await rows.nth(1).getByRole('link').click();
    await expect(page.getByTestId('axis')).toContainText('half past ten');
    await picture(page, 'run');
    await page.goto(`${served.control}/#/runs/compare/3/5`);
    await expect(page.getByRole('row', { name: /^Version/ })).toBeVisible();
    await picture(page, 'compare');
  });

  await test.step('agents', async () => {
    await go(page, 'Agents');
    await picture(page, 'agents');
    await page.getByRole('link', { name: /^Appointment reminder/ }).click();
    await expect(page.getByRole('heading', { level: 2, name: 'Greeting' })).toBeVisible();
    await page
      .getByRole('list', { name: 'Steps' })
      .getByRole('button', { name: 'Confirm appointment', exact: true })
      .click();
    await expect(page.getByRole('textbox', { name: 'Prompt', exact: true })).toBeVisible();
    await picture(page, 'editor');
    await page.getByText('Drawing', { exact: true }).click();
    await expect(page.getByRole('group', { name: 'Drawing of the steps' })).toBeVisible();
    await picture(page, 'drawing');
    await page.getByText('List', { exact: true }).click();
    await page.getByRole('link', { name: 'Trigger', exact: true }).click();
    await expect(page.getByTestId('trigger-test')).toBeVisible();
    await picture(page, 'trigger');
    await page.getByRole('button', { name: 'Publish…' }).click();
    await expect(page.getByRole('dialog').locator('ins').first()).toBeVisible();
    await picture(page, 'publish');
    await page.keyboard.press('Escape');
  });

  await test.step('telephony', async () => {
    await go(page, 'Telephony');
    await expect(page.getByRole('list', { name: 'Configurations' })).toBeVisible();
    await picture(page, 'telephony');
    await page
      .getByRole('list', { name: 'Configurations' })
      .getByRole('link', { name: /Front desk line/ })
      .click();
    await expect(page.getByRole('list', { name: 'Phone numbers' })).toBeVisible();
    await picture(page, 'configuration');
    await page.getByRole('button', { name: /^Verify/ }).click();
    await expect(page.getByTestId('verification')).toBeVisible();
    await picture(page, 'verify');
  });

  await test.step('keys and requests', async () => {
    await go(page, 'API keys');
    await page.getByLabel('Name').fill('n8n');
    await page.getByRole('button', { name: 'Create a key' }).click();
    await expect(page.getByRole('row', { name: /n8n/ })).toBeVisible();
    await picture(page, 'keys');
    await page.getByRole('button', { name: 'I have copied it' }).click();
    const headers = { 'X-Switchhook': 'window' };
    const made = await page.request.post(`${served.control}/api/v1/user/api-keys`, {
      headers,
      data: { name: 'booking system', scope: 'trigger' },
    });
    const key = ((await made.json()) as { api_key: string }).api_key;
    for (const data of [
      { phone_number: '+14155550101', initial_context: { customer_name: 'Priya Nair' } },
      { phone_number: '+1415', initial_context: {} },
    ]) {
      const url = `${served.public}/api/v1/public/agent/appointments`;
      await page.request.post(url, {
        headers: { 'X-API-Key': key },
        data: { ...data, telephony_configuration_id: 1 },
      });
    }
    await page.request.post(`${served.public}/api/v1/public/agent/appointments`, {
      headers: { 'X-API-Key': 'dgr_nobody' },
      data: { phone_number: '+14155550101' },
    });
    await go(page, 'Requests');
    await expect(page.getByRole('row', { name: /booking system/ })).toHaveCount(2);
    await picture(page, 'requests');
    await page
      .getByRole('row', { name: /Refused/ })
      .first()
      .getByRole('link', { name: /details/ })
      .click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await picture(page, 'request');
    await page.keyboard.press('Escape');
  });

  await test.step('the window', async () => {
    await go(page, 'Settings');
    await expect(page.getByLabel('Default country')).toBeVisible();
    await picture(page, 'settings');
    await go(page, 'Fire', 'Appointment reminder');
    await page.keyboard.press('ControlOrMeta+k');
    await expect(page.getByRole('combobox', { name: 'Find anything' })).toBeFocused();
    await page.keyboard.type('url');
    await expect(page.getByRole('dialog').getByRole('option').first()).toBeVisible();
    await picture(page, 'palette');
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { level: 1 }).click();
    await page.keyboard.press('?');
    await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
    await picture(page, 'shortcuts');
  });
  await carrier.close();
});
