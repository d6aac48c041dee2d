/** One run as people work with it: what they note, what happened when, two of them compared, one as a file. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { clean, everywhere } from './axe';
import { expect, fireAndSettle, test } from './serve';

const SHOTS = process.env.SWITCHHOOK_SHOTS;
const rowsOf = (page: Page) => page.getByRole('list', { name: 'Runs' }).getByRole('listitem');

/** Fires at a number and opens the run. */
async function runOf(page: Page, number: string): Promise<void> {
  await fireAndSettle(page, number);
  await page.getByTestId('live-run').getByRole('link', { name: 'Open the run' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^WR-/);
}

async function toRuns(page: Page): Promise<void> {
  await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: /^Runs/ }).click();
  await expect(rowsOf(page).first()).toBeVisible();
}

test('an outcome and a note are kept by themselves, seen in the list and found', async ({ window: page }) => {
  await runOf(page, '+14155550102');
  const state = page.getByTestId('remark-state');
  await page.getByRole('button', { name: 'Call back' }).click();
  await expect(state).toContainText('Kept.');
  await page.getByLabel('Note', { exact: true }).fill('Wants the zebra invoice');
  await expect(state).toContainText('Writing…');
  await expect(state).toContainText('Kept.');
  await page.reload();
  await expect(page.getByLabel('Note', { exact: true })).toHaveValue('Wants the zebra invoice');
  await expect(page.getByLabel('Outcome, in your own word')).toHaveValue('Call back');

  await toRuns(page);
  await expect(rowsOf(page).first()).toContainText('Call back');
  await page.getByRole('searchbox', { name: 'Search the runs' }).fill('zebra');
  await expect(rowsOf(page)).toHaveCount(1);
  await expect(rowsOf(page).first()).toContainText('Has a note');
});

test('a note is written beside the form, where the call was fired', async ({ window: page }) => {
  await fireAndSettle(page, '+14155550101');
  const live = page.getByTestId('live-run');
  await live.getByText('Outcome and note').click();
  await live.getByLabel('Note', { exact: true }).fill('Wants a letter');
  await expect(live.getByTestId('remark-state')).toContainText('Kept.');
  if (SHOTS) {
    await page.setViewportSize({ width: 960, height: 600 });
    await page.screenshot({ path: `${SHOTS}/live-960.png` });
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.screenshot({ path: `${SHOTS}/live-1280.png` });
  }
  await clean(page, 'a note beside the form');
  await live.getByRole('link', { name: 'Open the run' }).click();
  await expect(page.getByLabel('Note', { exact: true })).toHaveValue('Wants a letter');
});

test('a note that could not be kept says so and is kept by another try', async ({ window: page }) => {
  await runOf(page, '+14155550102');
  await page.route('**/api/switchhook/runs/*', (route) =>
    route.request().method() === 'PATCH' ? route.abort() : route.continue(),
  );
  await page.getByLabel('Note', { exact: true }).fill('Do not lose me');
  const retry = page.getByRole('button', { name: 'Try again' });
  await expect(retry).toBeVisible();
  await page.unroute('**/api/switchhook/runs/*');
  await retry.click();
  await expect(page.getByTestId('remark-state')).toContainText('Kept.');
});

test('what happened stands on one axis of time, and arrows walk it', async ({ window: page }) => {
  await runOf(page, '+14155550101');
  await expect(page.getByText('On the callee’s side.')).toBeVisible();
  const axis = page.getByTestId('axis');
  await expect(axis).toContainText('Queued');
  await expect(axis).toContainText('Greeting');
  await expect(axis).toContainText('Completed');
  const rows = axis.getByRole('button');
  const count = await rows.count();
  await rows.first().focus();
  await page.keyboard.press('ArrowDown');
  await expect(rows.nth(1)).toBeFocused();
  await expect(rows.nth(1)).toHaveAttribute('aria-current', 'time');
  await page.keyboard.press('End');
  await expect(rows.nth(count - 1)).toBeFocused();
  await expect(axis.locator('[tabindex="0"]')).toHaveCount(1);

  const kinds = page.getByRole('group', { name: 'Show in the timeline' });
  await kinds.getByRole('button', { name: 'States' }).click();
  await expect(axis).not.toContainText('Queued');
  await expect(axis).toContainText('Greeting');
});

test('the path is lit on the drawing, and a step leads to its moment', async ({ window: page }) => {
  await runOf(page, '+14155550101');
  await page.getByText('The path on the agent’s drawing').click();
  const drawing = page.getByRole('group', { name: 'Drawing of the steps' });
  const step = drawing.getByRole('button', { name: /^Greeting/ });
  await expect(step).toContainText('came here 1');
  await expect(drawing.locator('.node.dim').first()).toBeVisible();
  await step.click();
  await expect(
    page
      .getByTestId('axis')
      .getByRole('button', { name: /Greeting/ })
      .first(),
  ).toBeFocused();
});

test('what went to the carrier and came from it waits behind a disclosure', async ({ window: page }) => {
  await page.route(/api\/switchhook\/runs\/\d+$/, async (route) => {
    const answer = await route.fetch();
    const run = (await answer.json()) as { created_at: string };
    const exchange = {
      at: run.created_at,
      last_at: run.created_at,
      times: 1,
      left_out: 0,
      attempt_id: 'a',
      took_ms: 41,
      note: null,
      reply: [],
    };
    const sent = { ...exchange, kind: 'dial', target: 'POST /Accounts/****/Calls.json', status: 201 };
    const told = {
      ...exchange,
      kind: 'callback',
      target: 'POST /status-callback/1',
      status: 200,
      took_ms: null,
    };
    const exchanges = [
      { ...sent, request: [{ name: 'To', value: '+14155550123' }] },
      { ...told, request: [{ name: 'CallStatus', value: 'busy' }] },
    ];
    await route.fulfill({ response: answer, json: { ...run, exchanges } });
  });
  await runOf(page, '+14155550102');
  const axis = page.getByTestId('axis');
  await axis.getByRole('button', { name: /Dial 201/ }).click();
  await expect(axis).toContainText('+1 415 555 0123');
  const all = page.getByTestId('exchanges');
  await expect(all.getByText('+1 415 555 0123')).toBeHidden();
  await all.getByText('2 requests and callbacks').click();
  await all.getByText(/Callback/).click();
  await expect(all.getByText('CallStatus')).toBeVisible();
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/run-exchanges.png`, fullPage: true });
  await clean(page, 'a run with exchanges');
});

test('two runs are compared side by side', async ({ window: page }) => {
  await fireAndSettle(page, '+14155550102');
  await fireAndSettle(page, '+14155550101');
  await toRuns(page);
  const boxes = page.getByRole('checkbox', { name: /^Choose WR-/ });
  await boxes.nth(0).check();
  await expect(page.getByText('Choose another one to compare')).toBeVisible();
  await boxes.nth(1).check();
  await page.getByRole('link', { name: 'Compare' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Two runs side by side' })).toBeVisible();
  const state = page.getByRole('row', { name: /^State/ });
  await expect(state).toContainText('Completed');
  await expect(state).toContainText('Busy');
  await expect(page.getByRole('row', { name: /^Agent/ })).toBeVisible();
  await page.getByLabel('Only what differs').check();
  await expect(page.getByRole('row', { name: /^Agent/ })).toHaveCount(0);
  await expect(state).toContainText('(differs)');
});

test('one run is a page that opens by itself, its numbers masked', async ({ window: page, context }) => {
  await runOf(page, '+14155550101');
  await page.getByRole('button', { name: 'Export' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as a web page (HTML)' }).click();
  const file = await readFile(await (await download).path(), 'utf8');
  expect(file).not.toContain('415555');
  expect(file).not.toContain('415 555');
  const alone = await context.newPage();
  const asked: string[] = [];
  alone.on('request', (request) => asked.push(request.url()));
  await alone.setContent(file);
  await expect(alone.getByRole('heading', { level: 1 })).toHaveText(/^WR-/);
  await expect(alone.getByText('Yes, that is fine. Goodbye.')).toBeVisible();
  expect(asked).toEqual([]);
  await clean(alone, 'the exported page');
  await alone.close();
});

test('the screens of a run look right everywhere', async ({ window: page }) => {
  test.setTimeout(180_000);
  await fireAndSettle(page, '+14155550102');
  await runOf(page, '+14155550101');
  await page.getByRole('button', { name: 'Done', exact: true }).click();
  await page.getByLabel('Note', { exact: true }).fill('Asked for another day.');
  await expect(page.getByTestId('remark-state')).toContainText('Kept.');
  const address = page.url();
  await everywhere(page, async (check) => {
    const look = async (where: string) => {
      const { width } = page.viewportSize() ?? { width: 0 };
      const theme = await page.locator('html').getAttribute('data-theme');
      if (SHOTS) await page.screenshot({ path: `${SHOTS}/${where}-${theme}-${width}.png` });
      await check(where);
    };
    await page.goto(address);
    await expect(page.getByTestId('axis')).toBeVisible();
    await look('run');
    await page.getByText('The path on the agent’s drawing').click();
    const step = page.getByRole('group', { name: 'Drawing of the steps' }).getByRole('button').first();
    await step.scrollIntoViewIfNeeded();
    await look('run-drawing');
    await page.getByRole('button', { name: 'Export' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await look('run-export');
    await page.keyboard.press('Escape');
    await toRuns(page);
    const boxes = page.getByRole('checkbox', { name: /^Choose WR-/ });
    await boxes.nth(0).check();
    await boxes.nth(1).check();
    await look('runs-chosen');
    await page.getByRole('link', { name: 'Compare' }).click();
    await expect(page.getByRole('row', { name: /^State/ })).toBeVisible();
    await look('compare');
    await toRuns(page);
    await page.getByRole('button', { name: 'Choose none' }).click();
  });
});
