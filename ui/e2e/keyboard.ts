/** The keyboard as a person without a mouse uses it. */
import type { Locator, Page } from '@playwright/test';
import { expect } from './serve';

/** More stops than any page has. */
const STOPS = 90;

/** Walks with Tab, or backwards with Shift+Tab, until the focus is on `target`. */
export async function tabTo(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await expect(target).toBeVisible();
  for (let stop = 0; stop < STOPS; stop += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  await expect(target).toBeFocused();
}
