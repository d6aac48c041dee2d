import type { Page } from '@playwright/test';
import { announced, expect, fireAndSettle, setContext, test, typeNumber } from './serve';

test('both URLs are copied, and the announcement says which', async ({ window: page, served }) => {
  await page.getByRole('button', { name: 'Copy the test URL' }).click();
  await expect(announced(page)).toContainText('Test URL copied');
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  expect(await copied()).toMatch(new RegExp(`^${served.public}/api/v1/public/agent/test/[\\w-]{36}$`));

  await page.getByRole('button', { name: 'Copy the production URL' }).click();
  await expect(announced(page)).toContainText('Production URL copied');
  expect(await copied()).toMatch(new RegExp(`^${served.public}/api/v1/public/agent/[\\w-]{36}$`));
});

test('the cURL command is the request, without the key', async ({ window: page }) => {
  await typeNumber(page, '+14155550100');
  await expect(page.getByText('United States')).toBeVisible();
  await setContext(page, '{"customer_name": "O\'Brien"}');
  await page.getByRole('button', { name: 'Copy as cURL' }).click();
  await expect(announced(page)).toContainText('cURL for the test URL');
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toContain('${SWITCHHOOK_API_KEY:?');
  expect(copied).toContain('"phone_number":"+14155550100"');
});

test('production looks different, says so on the button, and runs the published version', async ({
  window: page,
}) => {
  await page.getByText('Production', { exact: true }).first().click();
  await expect(page.getByRole('button', { name: 'Place the call' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Fire test call' })).toHaveCount(0);
  await expect(page.getByTestId('greeting')).not.toContainText('the assistant');
  expect(await fireAndSettle(page, '+14155550101')).toBe('completed');
  await expect(page.getByTestId('live-run')).toContainText('published v1');
  await page.getByText('Test', { exact: true }).first().click();
});

test("the desk phone's number is one key away, and others are offered by keyboard", async ({
  window: page,
}) => {
  const field = page.getByLabel('Number to call');
  await expect(page.getByText('Use the desk phone’s number +1 415 555 0100')).toBeVisible();
  await field.focus();
  await page.keyboard.press('Enter');
  await expect(field).toHaveValue('+1 415 555 0100');

  await field.fill('+4930123456');
  await expect(page.getByText('Germany')).toBeVisible();
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('button', { name: 'Answer' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('end-sentence')).toBeVisible();
  await field.fill('+49');
  await page.keyboard.press('ArrowDown');
  const options = page.getByRole('listbox', { name: 'Numbers to choose from' }).getByRole('option');
  await expect(options).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(field).toHaveValue(/^\+49 30/);
  await expect(options).toHaveCount(0);

  await field.fill('');
  await page.keyboard.press('ArrowDown');
  await expect(options.first()).toHaveAttribute('aria-selected', 'true');
  await expect(options.first()).toContainText('+1 415 555 0100');
  await page.keyboard.press('Escape');
  await expect(options).toHaveCount(0);
  await expect(field).toHaveValue('');
});

test('a number that cannot be called is refused before anything is dialled', async ({ window: page }) => {
  await typeNumber(page, '+1415');
  await expect(page.getByLabel('Number to call')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.locator('#number-hint')).not.toBeEmpty();
  await expect(page.getByRole('button', { name: 'Fire test call' })).toHaveAttribute('aria-disabled', 'true');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByTestId('live-run')).toHaveCount(0);
});

/** Holds back what is said about a number until the answer is let go. */
async function holdChecks(page: Page): Promise<() => void> {
  let letGo: (() => void) | undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  await page.route('**/api/switchhook/destinations', async (route) => {
    await held;
    await route.continue();
  });
  return () => letGo?.();
}

/** The requests that would have placed a call. */
function placed(page: Page): string[] {
  const sent: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().includes('/public/agent/')) sent.push(request.url());
  });
  return sent;
}

test('a press that is faster than the check of the number places that call, once', async ({
  window: page,
}) => {
  const letGo = await holdChecks(page);
  const sent = placed(page);
  await typeNumber(page, '+14155550102');
  await page.keyboard.press('Control+Enter');
  await page.keyboard.press('Control+Enter');
  letGo();
  await expect(page.getByTestId('live-run')).toBeVisible();
  expect(sent).toHaveLength(1);
});

test('what is changed after such a press is not what it meant, and nothing is called', async ({
  window: page,
}) => {
  const letGo = await holdChecks(page);
  const sent = placed(page);
  await typeNumber(page, '+14155550102');
  await page.keyboard.press('Control+Enter');
  await setContext(page, '{"customer_name": "another"}');
  letGo();
  await expect(page.getByText('United States')).toBeVisible();
  // Whatever the press had led to would have come before this call.
  await page.getByRole('button', { name: 'Fire test call' }).click();
  await expect(page.getByTestId('live-run')).toBeVisible();
  expect(sent).toHaveLength(1);
});

test('broken JSON is said with its place, and the reason is on the button', async ({ window: page }) => {
  await typeNumber(page, '+14155550100');
  await expect(page.getByText('United States')).toBeVisible();
  await setContext(page, '{\n  "a": 1,\n  "a": 2\n}');
  await expect(page.getByText('Line 3, column 3')).toBeVisible();
  await expect(page.getByText('“a” is here twice')).toBeVisible();
  await expect(page.getByText('Mend the initial context first.')).toBeVisible();
  await setContext(page, '{\n  "a": tru\n}');
  await expect(page.getByText('Line 2, column 8')).toBeVisible();
});

test('unused names are marked, unset ones are added with one press', async ({ window: page }) => {
  await setContext(page, '{\n  "colour": "red"\n}');
  await expect(page.getByText('not used by draft v2')).toBeVisible();
  await page.getByRole('button', { name: 'Add user.name' }).click();
  const editor = page.getByRole('textbox', { name: 'Initial context, JSON' });
  await expect(editor).toBeFocused();
  await page.keyboard.type('Ada');
  await expect(editor).toContainText('"name": "Ada"');
  await expect(page.getByRole('button', { name: 'Add user.name' })).toHaveCount(0);
});

test("the agent's variables are completed", async ({ window: page }) => {
  await setContext(page, '{\n  "cust');
  await page.keyboard.type('o');
  await page.getByRole('option', { name: /customer_name/ }).click();
  await expect(page.getByRole('textbox', { name: 'Initial context, JSON' })).toContainText(
    '"customer_name": ""',
  );
});

test.describe('every outcome has its sentence', () => {
  for (const [number, state] of [
    ['+14155550101', 'completed'],
    ['+14155550102', 'busy'],
    ['+14155550103', 'no-answer'],
    ['+14155550104', 'busy'],
  ] as const) {
    test(`${number} is ${state}`, async ({ window: page }) => {
      expect(await fireAndSettle(page, number)).toBe(state);
      await expect(page.getByTestId('end-sentence')).not.toBeEmpty();
    });
  }

  test('a refusal names the carrier and leads to the run', async ({ window: page }) => {
    expect(await fireAndSettle(page, '+14155550105')).toBe('failed');
    const alert = page.getByRole('alert');
    await expect(alert).toContainText('The carrier refused the call.');
    await alert.getByRole('button', { name: 'Open the run' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^WR-TEST-\d+$/);
  });
});

test('a double click places one call', async ({ window: page }) => {
  const requests: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/api/v1/public/agent/')) requests.push(request.url());
  });
  await typeNumber(page, '+14155550101');
  const button = page.getByRole('button', { name: 'Fire test call' });
  await expect(button).toHaveAttribute('aria-disabled', 'false');
  await button.dblclick();
  await page.keyboard.press('Control+Enter');
  await expect(page.getByTestId('live-run')).toHaveAttribute('data-state', 'completed');
  expect(requests).toHaveLength(1);
});

test('a lost answer is not called a failure, and pressing again asks for the same call', async ({
  window: page,
}) => {
  const before = await runsTo(page, '+14155550102');
  const keys: (string | undefined)[] = [];
  await page.route('**/api/v1/public/agent/**', async (route) => {
    keys.push(route.request().headers()['idempotency-key']);
    // The request arrives, its answer does not.
    if (keys.length === 1) {
      await route.fetch();
      await route.abort();
    } else {
      await route.continue();
    }
  });
  await typeNumber(page, '+14155550102');
  const button = page.getByRole('button', { name: 'Fire test call' });
  await expect(button).toHaveAttribute('aria-disabled', 'false');
  await button.click();
  await expect(page.getByRole('alert')).toContainText('it is not known whether the call was placed');
  await expect(async () => {
    await button.click();
    expect(keys).toHaveLength(2);
  }).toPass();
  await expect(page.getByTestId('end-sentence')).toBeVisible();
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(keys[1]).toBe(keys[0]);
  expect(await runsTo(page, '+14155550102'), 'one call for both requests').toBe(before + 1);
});

test('firing again after an unknown outcome warns that the first call may have gone out', async ({
  window: page,
}) => {
  // The carrier's silence lasts 15 s.
  test.setTimeout(60_000);
  const sentence = page.locator('#fire-sentence');
  await typeNumber(page, '+14155550106');
  const button = page.getByRole('button', { name: 'Fire test call' });
  await expect(button).toHaveAttribute('aria-disabled', 'false');
  await expect(sentence).not.toContainText('may have gone out');
  await button.click();
  await expect(page.getByRole('alert')).toContainText('it is not known whether the phone rang', {
    timeout: 25_000,
  });
  await expect(sentence).toContainText('The call before may have gone out');

  await page.getByRole('alert').getByRole('button', { name: 'Open the run' }).click();
  const name = await page.getByRole('heading', { level: 1, name: /^WR-TEST-/ }).textContent();
  // A window that was opened later knows no more than the run.
  await page.reload();
  await page.getByRole('button', { name: 'Fire again' }).click();
  await expect(page.getByLabel('Number to call')).toHaveValue('+1 415 555 0106');
  await expect(sentence).toContainText(
    `${name} may have gone out: this may ring the same phone a second time.`,
  );
  await typeNumber(page, '+14155550102');
  await expect(button).toHaveAttribute('aria-disabled', 'false');
  await expect(sentence).not.toContainText('may have gone out');
});

/** How many runs the server has for a number. */
async function runsTo(page: Page, number: string): Promise<number> {
  const reply = await page.evaluate(async () => (await fetch('/api/switchhook/runs?limit=100')).json());
  return (reply as { runs: { destination: string }[] }).runs.filter((r) => r.destination === number).length;
}
