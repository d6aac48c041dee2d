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

/** A new agent from a starter, open on its page. */
async function openNew(page: Page, name: string): Promise<void> {
  await openAgents(page);
  await page.getByRole('button', { name: 'Create an agent' }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Create the agent' }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

async function saved(page: Page): Promise<void> {
  await expect(page.getByTestId('save-state')).toHaveText('Draft saved');
}

test('a prompt is changed, saved by itself, undone, and published after its diff', async ({
  window: page,
}) => {
  await openNew(page, fresh('Editing'));
  await page
    .getByRole('list', { name: 'Steps' })
    .getByRole('button', { name: 'Offer another date', exact: true })
    .click();
  const prompt = page.getByRole('textbox', { name: 'Prompt', exact: true });
  await prompt.click();
  await page.keyboard.press('ControlOrMeta+End');
  await page.keyboard.type(' Ask {{customer');
  // By mouse: for a moment after it opens, the list leaves Enter to the text.
  await page.getByRole('option', { name: 'customer_name' }).click();
  await expect(prompt).toContainText('{{customer_name}}');
  await saved(page);
  await expect(page.getByTestId('version-line')).toHaveText('Draft v2, v1 is published');

  await page.keyboard.type(' {{two words}}');
  await expect(page.getByText('A variable is one name without spaces').first()).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(prompt).not.toContainText('two words');
  await page.getByRole('button', { name: 'Redo' }).click();
  await expect(prompt).toContainText('two words');
  await page.getByRole('button', { name: 'Undo' }).click();
  await saved(page);

  await page.getByRole('button', { name: 'Publish…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.locator('ins')).toContainText('{{customer_name}}');
  await dialog.getByRole('button', { name: 'Publish v2' }).click();
  await expect(announced(page)).toHaveText('v2 is published.');
  await expect(page.getByTestId('version-line')).toContainText('v2 is published');
});

test('what is missing is said at its place and keeps it from being published', async ({ window: page }) => {
  await openNew(page, fresh('Problems'));
  await page.getByRole('button', { name: 'Add a step' }).click();
  await page.getByRole('menuitem', { name: 'Agent Node' }).click();
  await expect(page.getByText('A prompt is missing.').last()).toBeVisible();
  const summary = page.getByText('One thing is to be mended before it can be published.');
  await expect(summary).toBeVisible();
  await page.getByRole('button', { name: 'Publish…' }).click();
  await expect(page.getByRole('dialog').getByRole('button', { name: 'Publish v2' })).toBeDisabled();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Remove this step' }).click();
  await expect(summary).toBeHidden();
});

test('a way on is added and filled in by keyboard', async ({ window: page }) => {
  await openNew(page, fresh('Edges'));
  await page
    .getByRole('list', { name: 'Steps' })
    .getByRole('button', { name: 'Offer another date', exact: true })
    .focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('Leads to').selectOption({ label: 'Goodbye' });
  await page.getByLabel('Label').focus();
  await page.keyboard.type('No date suits');
  await page.keyboard.press('Tab');
  await page.keyboard.type('No date within two weeks suits.');
  await saved(page);
  await expect(
    page.getByRole('list', { name: 'Steps' }).getByRole('button', { name: 'No date suits → Goodbye' }),
  ).toBeVisible();
  await expect(page.getByText(/to be mended/)).toBeHidden();
});

test('the JSON view and the forms are one draft', async ({ window: page }) => {
  await openNew(page, fresh('JSON'));
  await page
    .getByRole('navigation', { name: 'Parts of the agent' })
    .getByRole('link', { name: 'JSON' })
    .click();
  const editor = page.getByRole('textbox', { name: 'The whole definition, JSON' });
  await editor.focus();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText('{"nodes": 1');
  await expect(page.getByText(/Line 1, column/)).toBeVisible();
  await page.keyboard.press('ControlOrMeta+a');
  const node = { id: 'a', type: 'startCall', data: { name: 'Typed here', prompt: 'Say hello.' } };
  await page.keyboard.insertText(JSON.stringify({ nodes: [node], edges: [] }));
  await saved(page);
  await page
    .getByRole('navigation', { name: 'Parts of the agent' })
    .getByRole('link', { name: 'Steps' })
    .click();
  await expect(page.getByRole('heading', { level: 2, name: 'Typed here' })).toBeVisible();
});

test('versions are compared, read and brought back; a draft is discarded', async ({ window: page }) => {
  await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Agents' }).click();
  await openNew(page, fresh('Versions'));
  const steps = page.getByRole('list', { name: 'Steps' });
  await steps.getByRole('button', { name: 'Goodbye', exact: true }).click();
  await page.getByLabel('Name').fill('Farewell');
  await saved(page);
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Discard the draft…' }).click();
  await page.getByRole('button', { name: 'Discard the draft' }).click();
  await expect(announced(page)).toHaveText('The draft is discarded.');
  await expect(steps.getByRole('button', { name: 'Goodbye', exact: true })).toBeVisible();

  const parts = page.getByRole('navigation', { name: 'Parts of the agent' });
  await parts.getByRole('link', { name: 'Versions' }).click();
  await expect(page.locator('ins')).toHaveText('Farewell');
  await page.getByRole('link', { name: 'Open v2' }).click();
  await expect(page.getByTestId('version-line')).toContainText('You are reading v2');
  await expect(page.getByRole('button', { name: 'Remove this step' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Make it the draft' }).click();
  await expect(announced(page)).toHaveText(/^v2 is the draft now, as v\d\.$/);
  await expect(steps.getByRole('button', { name: 'Farewell', exact: true })).toBeVisible();
});

test('an agent is renamed, duplicated, exported and archived', async ({ window: page }) => {
  const name = fresh('Whole');
  await openNew(page, name);
  const more = async (item: string) => {
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: item }).click();
  };
  await more('Rename…');
  await page.getByRole('dialog').getByLabel('Name').fill(`${name} B`);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: `${name} B` })).toBeVisible();
  const download = page.waitForEvent('download');
  await more('Export as a file');
  expect((await download).suggestedFilename()).toMatch(/^whole-.*\.json$/);
  await more('Archive…');
  await page.getByRole('dialog').getByRole('button', { name: 'Archive' }).click();
  await expect(page.getByText('This agent is archived: it takes no calls.')).toBeVisible();
  await more('Bring it back');
  await expect(page.getByText('This agent is archived: it takes no calls.')).toBeHidden();
  await more('Duplicate');
  await expect(page.getByRole('heading', { level: 1 })).not.toHaveText(`${name} B`);
});

test('the trigger is switched off with a reason, and its URL changed', async ({ window: page, served }) => {
  await openNew(page, fresh('Trigger'));
  await page
    .getByRole('navigation', { name: 'Parts of the agent' })
    .getByRole('link', { name: 'Trigger' })
    .click();
  const url = page.getByTestId('trigger-production');
  const before = await url.textContent();
  await page.getByRole('button', { name: 'Copy the production URL' }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(before);

  await page.getByRole('button', { name: 'Switch it off…' }).click();
  await page.getByLabel('Reason').fill('Closed on Sundays');
  await page.keyboard.press('Enter');
  await expect(announced(page)).toHaveText('The trigger is off.');
  await expect(page.getByText('Reason: Closed on Sundays')).toBeVisible();
  await expect(page.getByText('Off: answers 404').first()).toBeVisible();
  await page.getByRole('button', { name: 'Switch it on' }).click();
  await expect(announced(page)).toHaveText('The trigger is on.');

  await page.getByRole('button', { name: 'Change the URL…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('End of the URL').fill('not allowed');
  await expect(dialog.getByRole('alert')).toContainText('Only letters');
  const path = `changed-${process.pid}`;
  await dialog.getByLabel('End of the URL').fill(path);
  await dialog.getByRole('button', { name: 'Change the URL' }).click();
  await expect(url).toHaveText(`${served.public}/api/v1/public/agent/${path}`);
});

test('the drawing leads to each step and way, by keyboard too', async ({ window: page }) => {
  await openNew(page, fresh('Drawing'));
  await page.getByRole('radio', { name: 'Drawing' }).focus();
  await page.keyboard.press('Space');
  const drawing = page.getByRole('group', { name: 'Drawing of the steps' });
  await drawing.getByRole('button', { name: 'Greeting', exact: true }).focus();
  await page.keyboard.press('ArrowDown');
  await expect(drawing.getByRole('button', { name: 'Offer another date', exact: true })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 2, name: 'Offer another date' })).toBeVisible();
  await drawing.getByRole('button', { name: 'Date agreed → Goodbye' }).click();
  await expect(page.getByLabel('Taken when')).toHaveValue('The callee has agreed to another date.');
});

test('changes that could not be saved are there again when their page is', async ({ window: page }) => {
  await openNew(page, fresh('Unsaved'));
  await page.getByRole('list', { name: 'Steps' }).getByRole('button').first().click();
  const prompt = page.getByRole('textbox', { name: 'Prompt', exact: true });
  await prompt.click();
  await page.route('**/api/v1/workflow/*', (route) =>
    route.request().method() === 'PUT' ? route.abort() : route.continue(),
  );
  await page.keyboard.type('Kept in mind. ');
  await expect(page.getByTestId('save-state')).toHaveText('Not saved');
  const address = page.url();
  await openAgents(page);
  await page.unroute('**/api/v1/workflow/*');
  await page.goto(address);
  await expect(announced(page)).toContainText('are here again');
  await saved(page);
  await page.getByRole('list', { name: 'Steps' }).getByRole('button').first().click();
  await expect(prompt).toContainText('Kept in mind.');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(prompt).not.toContainText('Kept in mind.');
  await saved(page);
});
