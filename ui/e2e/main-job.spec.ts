import { tabTo } from './keyboard';
import { announced, expect, setContext, test, typeNumber } from './serve';

test('fire the sample agent, answer by keyboard, walk to the end, read the run', async ({ window: page }) => {
  await setContext(
    page,
    '{"customer_name": "Jane", "appointment_date": "15 March, 10:30", "order": 12345678901234567890}',
  );
  await typeNumber(page, '+14155550100');
  await expect(page.getByText('United States')).toBeVisible();
  await expect(page.getByLabel('Number to call')).toHaveValue('+1 415 555 0100');
  await expect(page.getByTestId('greeting')).toContainText('Jane');

  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('heading', { name: 'Desk phone is ringing' })).toBeVisible();
  await expect(announced(page)).toContainText('Desk phone is ringing');
  await expect(page.getByRole('link', { name: /^Runs/ })).toContainText('1 call going on');

  // The person's own call takes the focus to Answer.
  await expect(page.getByRole('button', { name: 'Answer' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'In call' })).toBeVisible();
  const log = page.getByRole('log');
  await expect(log).toContainText('Hello Jane');

  await expect(page.getByLabel('Say something as the callee')).toBeFocused();
  await page.keyboard.type('Yes, that works.');
  await page.keyboard.press('Enter');
  await expect(log).toContainText('Yes, that works.');

  await page.getByRole('button', { name: /^Date suits/ }).click();
  await expect(log).toContainText('Prompt shown to the model, not spoken');
  await page.getByRole('button', { name: /^All confirmed/ }).click();

  await expect(page.getByTestId('live-run')).toHaveAttribute('data-state', 'completed');
  await expect(page.getByTestId('end-sentence')).not.toBeEmpty();
  await page.getByRole('link', { name: 'Open the run' }).click();

  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^WR-TEST-\d+$/);
  await expect(page.getByText('draft v2')).toBeVisible();
  const path = page.getByRole('list', { name: 'The path through the agent' });
  await expect(path.getByRole('listitem')).toHaveText(['Greeting', 'Confirm appointment', 'Goodbye']);
  const transcript = page.getByTestId('axis');
  await expect(transcript).toContainText('Hello Jane');
  await expect(transcript).toContainText('Yes, that works.');
  await expect(page.getByText('12345678901234567890')).toBeVisible();
});

test('an unanswered call is declined with Escape', async ({ window: page }) => {
  await typeNumber(page, '+14155550100');
  await expect(page.getByText('United States')).toBeVisible();
  await page.getByRole('button', { name: 'Fire test call' }).click();
  await expect(page.getByRole('button', { name: 'Decline' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Answer' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('live-run')).toHaveAttribute('data-state', 'busy');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('greeting')).toBeVisible();
});

test('a call from elsewhere rings on every page and never takes the keys from a text field', async ({
  window: page,
  served,
}) => {
  await page.getByRole('link', { name: 'API keys' }).click();
  const name = page.getByLabel('Name');
  await name.fill('half a na');
  const url = await page.evaluate(async () => {
    const agents = (await (await fetch('/api/v1/workflow/fetch?status=active')).json()) as {
      trigger_path: string;
    }[];
    return `/api/v1/public/agent/${agents[0]?.trigger_path}`;
  });
  const fired = await page.request.post(`${served.control}${url}`, {
    headers: { 'X-Switchhook': 'window' },
    data: { phone_number: '+14155550100' },
  });
  expect(fired.status()).toBe(200);
  await expect(page.getByRole('heading', { name: 'Desk phone is ringing' })).toBeVisible();
  await expect(name).toBeFocused();
  await page.keyboard.type('me');
  await expect(name).toHaveValue('half a name');
  await page.getByRole('button', { name: 'Answer' }).click();
  await page.getByRole('button', { name: 'Hang up' }).click();
  await expect(page.getByRole('heading', { name: 'Call ended' })).toBeVisible();
  await page.getByRole('button', { name: 'Open the run' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^WR-API-\d+$/);
  await expect(page.getByText('published v1')).toBeVisible();
});

test('the whole job by keyboard alone', async ({ window: page }) => {
  await page.keyboard.press('/');
  await expect(page.getByLabel('Find an agent')).toBeFocused();
  await page.keyboard.type('appoint');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('link', { name: /Appointment reminder/ })).toBeFocused();
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('radio', { name: /Test/ }));
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('radio', { name: /Production/ })).toBeChecked();
  await page.keyboard.press('ArrowLeft');
  await expect(page.getByRole('radio', { name: /Test/ })).toBeChecked();
  await tabTo(page, page.getByLabel('Number to call'));
  await page.keyboard.type('+14155550100');
  await expect(page.getByText('United States')).toBeVisible();
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('button', { name: 'Answer' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: /^Date suits/ })).toBeVisible();
  await page.keyboard.press('Alt+1');
  await expect(page.getByRole('button', { name: /^All confirmed/ })).toBeVisible();
  await page.keyboard.press('Alt+1');
  await expect(page.getByTestId('live-run')).toHaveAttribute('data-state', 'completed');
});
