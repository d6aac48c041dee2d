import { clean, fits } from './axe';
import { expect, fireAndSettle, setContext, test, typeNumber } from './serve';

for (const theme of ['light', 'dark'] as const) {
  for (const [width, height] of [
    [1280, 800],
    [960, 600],
  ] as const) {
    test.describe(`${theme} at ${width}×${height}`, () => {
      test.use({
        contextOptions: { colorScheme: theme, reducedMotion: 'reduce' },
        viewport: { width, height },
      });

      test('every screen passes axe and fits', async ({ window: page }) => {
        test.setTimeout(150_000);
        await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
        await page.setViewportSize({ width, height });
        await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
        const check = async (where: string) => {
          // The small window has the same elements; what can go wrong there is their place.
          if (width >= 1280) await clean(page, where);
          await fits(page, where);
        };
        await check('fire');
        await page.getByRole('button', { name: 'Paste…' }).click();
        await page.getByRole('textbox', { name: /A cURL/ }).fill('+14155550100,Jane');
        await expect(page.getByTestId('became')).toBeVisible();
        await check('paste');
        await page.keyboard.press('Escape');
        await page.getByRole('button', { name: 'Presets' }).click();
        await page.getByRole('menuitem').last().click();
        await check('presets');
        await page.keyboard.press('Escape');
        await page.getByRole('button', { name: 'Copy the request as something else' }).click();
        await check('kinds of copies');
        await page.keyboard.press('Escape');
        await page.getByLabel('Number to call').focus();
        await page.keyboard.press('ArrowDown');
        await expect(page.getByRole('listbox')).toBeVisible();
        await check('numbers to choose from');
        await page.keyboard.press('Escape');
        await setContext(page, '{"a": 1, "a": ');
        await typeNumber(page, '+1415');
        await expect(page.getByLabel('Number to call')).toHaveAttribute('aria-invalid', 'true');
        await check('fire with problems');
        await setContext(page, '{"plan": 1}');
        await page.getByText('Production', { exact: true }).first().click();
        await check('production');
        await page.getByText('Test', { exact: true }).first().click();

        await typeNumber(page, '+14155550100');
        await expect(page.getByRole('button', { name: 'Fire test call' })).toHaveAttribute(
          'aria-disabled',
          'false',
        );
        await page.getByRole('button', { name: 'Fire test call' }).click();
        await expect(page.getByRole('button', { name: 'Answer' })).toBeVisible();
        await check('ringing');
        await page.keyboard.press('Enter');
        await expect(page.getByRole('button', { name: /^Date suits/ })).toBeVisible();
        await check('in call');
        await page.getByRole('button', { name: 'Hang up' }).click();
        await expect(page.getByTestId('end-sentence')).toBeVisible();
        await check('ended');
        await fireAndSettle(page, '+14155550105');
        await check('refused');

        await page.getByRole('link', { name: /^Runs/ }).click();
        await expect(page.getByRole('list', { name: 'Runs' })).toBeVisible();
        await check('runs');
        await page.getByRole('list', { name: 'Runs' }).getByRole('link').last().click();
        await expect(page.getByRole('heading', { name: 'Timeline' })).toBeVisible();
        await check('run');

        await page.getByRole('link', { name: 'API keys' }).click();
        await page.getByLabel('Name').fill('axe');
        await page.getByRole('button', { name: 'Create a key' }).click();
        await expect(page.getByTestId('new-key')).toBeVisible();
        await check('API keys');
        await page.getByRole('button', { name: 'Archive axe' }).first().click();
        await expect(page.getByRole('dialog')).toBeVisible();
        await check('archive dialog');
        await page.keyboard.press('Escape');
        await expect(page.getByRole('dialog')).toHaveCount(0);

        await page.getByRole('link', { name: 'Settings' }).click();
        await expect(page.getByLabel('Default country')).toBeVisible();
        await check('settings');
        await page.getByRole('button', { name: /^Instance/ }).click();
        await expect(page.getByRole('menu')).toBeVisible();
        await check('instance menu');
      });
    });
  }
}
