import type { Page } from '@playwright/test';
import { everywhere } from './axe';
import { announced, expect, test, typeNumber } from './serve';
import { installShell, type DoubleOptions } from './shell-double';

/** The same page inside a double of the desktop program. */
async function inShell(page: Page, options: DoubleOptions = {}): Promise<void> {
  await installShell(page, options);
  await page.reload();
  await expect(page.getByTestId('greeting')).toBeVisible();
  await page.waitForFunction(() => 'doubleTell' in window);
}

function tell(page: Page, message: object): Promise<void> {
  return page.evaluate(
    (said) => (window as unknown as { doubleTell: (message: object) => void }).doubleTell(said),
    message,
  );
}

const CALLS = [
  { run_id: 7, state: 'in-progress', number: '+14155550100', agent: 'Reminder', mode: 'test', on_desk: true },
  {
    run_id: 8,
    state: 'ringing',
    number: '+442079460900',
    agent: 'Intake',
    mode: 'production',
    on_desk: false,
  },
];

test('a number from a link is put on the form, read out, and not dialled', async ({ window: page }) => {
  await inShell(page);
  await page.getByRole('link', { name: 'API keys' }).click();
  await tell(page, { kind: 'prefill', number: '+1-415-555-0101' });
  await expect(page.getByLabel('Number to call')).toHaveValue('+1 415 555 0101');
  await expect(page.getByLabel('Number to call')).toBeFocused();
  await expect(announced(page)).toContainText('Nothing is dialled');
  await expect(page.getByTestId('live-run')).toHaveCount(0);
});

test('quitting with live calls says what becomes of each, and waits for the answer', async ({
  window: page,
}) => {
  await inShell(page);
  await tell(page, { kind: 'quit-asked', calls: CALLS });
  const dialog = page.getByRole('dialog', { name: '2 calls are going on' });
  await expect(dialog).toContainText('The call on the desk phone ends with Switchhook.');
  await expect(dialog).toContainText('left to the carrier and goes on');
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  expect(await page.evaluate(() => sessionStorage.getItem('double.quit'))).toBe('false');
  await tell(page, { kind: 'quit-asked', calls: CALLS.slice(0, 1) });
  await page.getByRole('button', { name: 'Quit' }).click();
  expect(await page.evaluate(() => sessionStorage.getItem('double.quit'))).toBe('true');
});

test('a call is fired again from the tray on the form, not at once', async ({ window: page }) => {
  await typeNumber(page, '+14155550102');
  await page.getByRole('button', { name: 'Fire test call' }).click();
  const link = page.getByTestId('live-run').getByRole('link', { name: 'Open the run' });
  const id = Number((await link.getAttribute('href'))?.split('/')[2]);
  await expect(page.getByTestId('end-sentence')).toBeVisible();
  await inShell(page);
  await typeNumber(page, '');
  await tell(page, { kind: 'fire-again', run_id: id });
  await expect(page.getByLabel('Number to call')).toHaveValue('+1 415 555 0102');
  await expect(page.getByTestId('live-run')).toHaveCount(0);
  await tell(page, { kind: 'show-run', run_id: id });
  await expect(page).toHaveURL(new RegExp(`#/runs/${id}$`));
});

test('what the desktop does beyond its window is chosen in the settings', async ({ window: page }) => {
  await inShell(page, { refusesKeys: true });
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByLabel('Notifications').selectOption('never');
  await expect(announced(page)).toContainText('Saved.');
  const autostart = page.getByLabel('Start Switchhook when I sign in to this computer');
  await expect(autostart).not.toBeChecked();
  await autostart.check();
  await page.getByRole('button', { name: /^Choose keys/ }).click();
  await page.keyboard.press('g');
  await expect(page.getByText('Hold Ctrl, Alt or Super with it')).toBeVisible();
  await page.keyboard.press('Control+Alt+g');
  await expect(page.getByText('They cannot be used: another program has them already')).toBeVisible();
  await expect(page.getByRole('button', { name: /^Choose keys/ })).toBeFocused();
});

test('larger and smaller go by the browser’s keys and by the settings alike', async ({ window: page }) => {
  await inShell(page);
  await page.getByRole('link', { name: 'Settings' }).click();
  const zoom = page.getByLabel('Zoom');
  await expect(zoom).toHaveValue('100');
  await zoom.selectOption('150');
  await expect(announced(page)).toContainText('Saved.');
  await page.keyboard.press('Control+-');
  await expect(announced(page)).toContainText('Zoom 90 %');
  await expect(zoom).toHaveValue('90');
});

test('an export in the desktop program goes through its file dialog', async ({ window: page }) => {
  await inShell(page);
  await page.goto(`${page.url().split('#')[0]}#/agents/1`);
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Export' }).click();
  await expect(announced(page)).toContainText('The file is saved.');
  const saved = JSON.parse(
    (await page.evaluate(() => sessionStorage.getItem('double.saved'))) ?? '{}',
  ) as Record<string, string>;
  expect(saved.name).toBe('appointment-reminder.json');
  expect(JSON.parse(saved.text ?? '')).toHaveProperty('name');
});

/** Drops a file on the window as a file manager does. */
async function drop(page: Page, name: string, text: string): Promise<void> {
  const files = await page.evaluateHandle(
    ([called, content]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([content ?? ''], called ?? '', { type: 'application/json' }));
      return transfer;
    },
    [name, text],
  );
  await page.dispatchEvent('main', 'dragover', { dataTransfer: files });
  await expect(page.getByText('Drop an agent’s file')).toBeVisible();
  await page.dispatchEvent('main', 'drop', { dataTransfer: files });
}

test('an agent’s file that is dropped on the window is imported after a question', async ({
  window: page,
}) => {
  const answer = await page.evaluate(async () => {
    const reply = await fetch('/api/switchhook/agents/1/export');
    return reply.text();
  });
  await drop(page, 'reminder.json', answer);
  const dialog = page.getByRole('dialog', { name: 'Import “Appointment reminder”?' });
  await expect(dialog).toContainText('It becomes a new agent on This computer');
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await drop(page, 'reminder.json', answer);
  await page.getByRole('button', { name: 'Import it' }).click();
  await expect(page.getByTestId('version-line')).toBeVisible();
  await expect(page).not.toHaveURL(/#\/agents\/1$/);

  await drop(page, 'notes.json', 'not json');
  await expect(announced(page)).toContainText('This file is not JSON');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('the desktop’s dialogs and settings pass axe and fit', async ({ window: page }) => {
  test.setTimeout(90_000);
  await inShell(page);
  await everywhere(page, async (check) => {
    await tell(page, { kind: 'quit-asked', calls: CALLS });
    await expect(page.getByRole('dialog')).toBeVisible();
    await check('quit');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Settings' }).click();
    await expect(page.getByLabel('Notifications')).toBeVisible();
    await page.getByRole('button', { name: /^Choose keys/ }).click();
    await check('desktop settings');
    await page.keyboard.press('Escape');
  });
});
