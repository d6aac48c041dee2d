import type { Page } from '@playwright/test';
import { announced, expect, test } from './serve';

async function openAgents(page: Page): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: 'Agents' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Agents' })).toBeVisible();
}

/** A name that no other test of this worker's server has used. */
let made = 0;
function fresh(name: string): string {
  made += 1;
  return `${name} ${process.pid}-${made}`;
}

test('an agent is made from a starter by keyboard alone, and found again', async ({ window: page }) => {
  const name = fresh('Survey');
  await page.getByRole('navigation').getByRole('link', { name: 'Agents' }).focus();
  await page.keyboard.press('Enter');
  const button = page.getByRole('button', { name: 'Create an agent' });
  await expect(button).toBeVisible();
  await button.focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('Name').focus();
  await page.keyboard.type(name);
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('radio', { name: /^A few questions/ })).toBeChecked();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await expect(announced(page)).toHaveText(`${name} is created.`);

  await openAgents(page);
  await page.getByRole('searchbox', { name: 'Find an agent' }).fill(name.toUpperCase());
  await expect(page.getByRole('list', { name: 'Agents' }).getByRole('link')).toHaveCount(1);
  await expect(page.getByText('1 agent', { exact: true })).toBeVisible();
});

test('an agent comes in as a file; a file that is none says so', async ({ window: page }) => {
  await openAgents(page);
  const name = fresh('From a file');
  const input = page.locator('input[type=file]');
  await input.setInputFiles({ name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('no JSON') });
  await expect(page.getByRole('alert')).toHaveText('This file is not JSON, so there is no agent in it.');
  const definition = {
    nodes: [{ id: 'a', type: 'startCall', data: { name: 'Hello', prompt: 'Say hello.' } }],
    edges: [],
  };
  const text = JSON.stringify({ name, workflow_definition: definition });
  await input.setInputFiles({ name: 'y.json', mimeType: 'application/json', buffer: Buffer.from(text) });
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
});
