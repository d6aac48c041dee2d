/** Hearing a run: both tracks on the line of time, playing, seeking, and what is said of a file that is gone. */
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { clean, everywhere } from './axe';
import { record } from './recording';
import { expect, fireAndSettle, test, type Served } from './serve';

const SHOTS = process.env.SWITCHHOOK_SHOTS;

/** A run with a recording, open. */
async function recorded(page: Page, served: Served): Promise<void> {
  await fireAndSettle(page, '+14155550101');
  await page.getByTestId('live-run').getByRole('link', { name: 'Open the run' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^WR-/);
  record(served.data_dir, Number(/\/runs\/(\d+)/.exec(page.url())?.[1]));
  await page.reload();
  await expect(page.getByTestId('waveform')).toHaveAttribute('data-drawn', 'true');
}

const slider = (page: Page) => page.getByRole('slider', { name: 'Recording' });
/** Seconds, as the slider tells them. */
const stands = async (page: Page): Promise<number> =>
  Number(await slider(page).getAttribute('aria-valuenow'));

test('a recording is heard, and the transcript follows it', async ({ window: page, served }) => {
  await recorded(page, served);
  await expect(slider(page)).toHaveAttribute('aria-valuetext', '0:00 of 0:12');
  await page.getByRole('button', { name: 'Play the recording' }).click();
  await expect(page.getByRole('button', { name: 'Pause the recording' })).toBeVisible();
  await expect.poll(() => stands(page)).toBeGreaterThan(0);
  const said = page.getByTestId('axis').locator('[aria-current="time"]');
  await expect(said).toContainText('Agent');
  // From before the callee's words on, they follow by themselves.
  await slider(page).focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  await expect(said).toContainText('Callee');
});

test('a recording plays to its end and begins anew', async ({ window: page, served }) => {
  await recorded(page, served);
  await slider(page).focus();
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Space');
  await expect(slider(page)).toHaveAttribute('aria-valuenow', '12', { timeout: 30_000 });
  await expect(page.getByRole('button', { name: 'Play the recording' })).toBeVisible();
  await page.keyboard.press('Space');
  await expect.poll(() => stands(page)).toBeLessThan(12);
});

test('a recording is sought by keys, by the pointer and by a line', async ({ window: page, served }) => {
  await recorded(page, served);
  await slider(page).focus();
  for (const [key, seconds] of [
    ['ArrowRight', '5'],
    ['ArrowUp', '10'],
    ['PageUp', '12'],
    ['ArrowLeft', '7'],
    ['Home', '0'],
    ['End', '12'],
    ['PageDown', '0'],
  ] as const) {
    await page.keyboard.press(key);
    await expect(slider(page), key).toHaveAttribute('aria-valuenow', seconds);
  }
  const box = await slider(page).boundingBox();
  if (!box) throw new Error('the waveform has no place');
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await expect(slider(page)).toHaveAttribute('aria-valuenow', '6');
  const callee = page.getByTestId('axis').getByRole('button', { name: /Callee/ });
  await callee.focus();
  await page.keyboard.press('Enter');
  await expect(slider(page)).toHaveAttribute('aria-valuenow', '5');
});

test('the recording stands on the line of time in both themes', async ({ window: page, served }) => {
  await recorded(page, served);
  await slider(page).focus();
  await page.keyboard.press('ArrowRight');
  await everywhere(page, async (check) => {
    const { width } = page.viewportSize() ?? { width: 0 };
    const theme = await page.locator('html').getAttribute('data-theme');
    if (SHOTS) await page.screenshot({ path: `${SHOTS}/recording-${theme}-${width}.png` });
    await check('a recorded run');
  });
});

test('a recording whose file is gone is said to be', async ({ window: page, served }) => {
  await recorded(page, served);
  const folder = path.join(served.data_dir, 'artifacts');
  for (const name of await readdir(folder)) await rm(path.join(folder, name));
  await page.reload();
  await expect(page.getByTestId('playback')).toContainText('the file is gone');
  await expect(slider(page)).toHaveCount(0);
  await clean(page, 'a run whose recording is gone');
});

test('sound that does not come is said, and tried again', async ({ window: page, served }) => {
  await recorded(page, served);
  await page.route('**/recording', (route) => route.abort());
  await page.getByRole('button', { name: 'Play the recording' }).click();
  const retry = page.getByRole('button', { name: 'Try again' });
  await expect(retry).toBeVisible();
  await page.unroute('**/recording');
  await retry.click();
  await expect.poll(() => stands(page)).toBeGreaterThan(0);
});
