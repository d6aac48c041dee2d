/**
 * The builder's day, by keyboard alone: change what the agent says, hear it at the desk phone, compare with what
 * is in production, publish.
 */
import type { Page } from '@playwright/test';
import { tabTo } from '../keyboard';
import { announced, expect, test } from '../serve';

test.use({ own: 'builder' });

/** What the journey's agent says in production, and what it is to say. */
const CHANGED = ' We also send you a text message.';

async function palette(page: Page, question: string): Promise<void> {
  await page.keyboard.press('ControlOrMeta+k');
  await expect(page.getByRole('combobox', { name: 'Find anything' })).toBeFocused();
  await page.keyboard.type(question);
  await page.keyboard.press('Enter');
}

/** Answers the desk phone and walks to the end of the conversation. */
async function talk(page: Page): Promise<void> {
  await expect(page.getByRole('button', { name: 'Answer' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Say something as the callee')).toBeFocused();
  await page.keyboard.type('Yes, that suits me.');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('log')).toContainText('Yes, that suits me.');
  await page.keyboard.press('Alt+1');
  await expect(page.getByRole('button', { name: /^All confirmed/ })).toBeVisible();
  await page.keyboard.press('Alt+1');
  await expect(page.getByTestId('live-run')).toHaveAttribute('data-state', 'completed');
}

test('a builder changes a prompt, tries it at the desk phone, compares it with production and publishes', async ({
  window: page,
}) => {
  test.setTimeout(90_000);

  await test.step('change what the agent says', async () => {
    await palette(page, 'edit appointment');
    await expect(page.getByTestId('version-line')).toBeVisible();
    const greeting = page
      .getByRole('list', { name: 'Steps' })
      .getByRole('button', { name: 'Greeting', exact: true });
    await tabTo(page, greeting);
    await page.keyboard.press('Enter');
    const said = page.getByRole('textbox', { name: 'Greeting Text' });
    await tabTo(page, said);
    await page.keyboard.press('ControlOrMeta+End');
    await page.keyboard.type(CHANGED);
    await expect(page.getByTestId('save-state')).toHaveText('Draft saved');
  });

  await test.step('fire it at the desk phone', async () => {
    await tabTo(page, page.getByRole('link', { name: 'Fire', exact: true }).last(), 'Shift+Tab');
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('greeting')).toContainText(CHANGED.trim());
    await page.keyboard.press('Alt+n');
    await expect(page.getByLabel('Number to call')).toBeFocused();
    await page.keyboard.press('Enter');
    await page.keyboard.press('ControlOrMeta+Enter');
    await talk(page);
    await expect(page.getByTestId('live-run')).toContainText(CHANGED.trim());
  });

  await test.step('the same call in production', async () => {
    const production = page.getByRole('radio', { name: /Production/ });
    await tabTo(page, page.getByRole('radio', { name: /Test/ }), 'Shift+Tab');
    await page.keyboard.press('ArrowRight');
    await expect(production).toBeChecked();
    await page.keyboard.press('ControlOrMeta+Enter');
    await talk(page);
    await expect(page.getByTestId('live-run')).not.toContainText(CHANGED.trim());
  });

  await test.step('both runs side by side', async () => {
    await palette(page, 'go to runs');
    const boxes = page.getByRole('checkbox', { name: /^Choose WR-/ });
    await tabTo(page, boxes.nth(0));
    await page.keyboard.press('Space');
    await tabTo(page, boxes.nth(1));
    await page.keyboard.press('Space');
    await tabTo(page, page.getByRole('link', { name: 'Compare' }));
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { level: 1, name: 'Two runs side by side' })).toBeVisible();
    await expect(page.getByRole('row', { name: /^Version/ })).toContainText('draft v2');
    await expect(page.getByRole('row', { name: /^Version/ })).toContainText('published v1');
    await expect(page.getByRole('list', { name: /^WR-TEST/ })).toContainText(CHANGED.trim());
    await expect(page.getByRole('list', { name: /^WR-API/ })).not.toContainText(CHANGED.trim());
  });

  await test.step('publish it, after a look at what changes', async () => {
    await palette(page, 'edit appointment');
    await tabTo(page, page.getByRole('button', { name: 'Publish…' }));
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Publish v2?' });
    await expect(dialog.locator('ins').filter({ hasText: 'text message' })).toBeVisible();
    await tabTo(page, dialog.getByRole('button', { name: 'Publish v2' }));
    await page.keyboard.press('Enter');
    await expect(announced(page)).toHaveText('v2 is published.');
    await expect(page.getByTestId('version-line')).toContainText('v2 is published');
  });
});
