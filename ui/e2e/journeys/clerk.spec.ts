/**
 * The support clerk's day: one call to a person, from a number in a message. No JSON, no address, no code is seen;
 * the carrier is a double that speaks Twilio's words.
 */
import { CarrierDouble } from '../carrier-double';
import { expect, test } from '../serve';
import { frontDesk } from './front-desk';

test.use({ own: 'clerk' });

test('a clerk calls one person and notes what came of it', async ({ window: page, served }) => {
  const carrier = new CarrierDouble();
  await frontDesk(page, await carrier.listen(), served.public);
  await page.reload();
  await expect(page.getByTestId('greeting')).toBeVisible();
  const number = page.getByLabel('Number to call');
  const live = page.getByTestId('live-run');

  await test.step('the number comes from a message, with spaces', async () => {
    await page.locator('label.production').click();
    await number.click();
    await page.evaluate(() => navigator.clipboard.writeText('  +44 7400 123 456 '));
    await page.keyboard.press('ControlOrMeta+v');
    await expect(number).toHaveValue('+44 7400 123456');
    await expect(page.getByText('United Kingdom, mobile')).toBeVisible();
  });

  await test.step('the form asks for what the agent says', async () => {
    await page.getByLabel('Customer name', { exact: true }).fill('Jane');
    await page.getByLabel('Appointment date', { exact: true }).fill('15 March at 10:30');
    await expect(page.getByTestId('greeting')).toContainText('Jane');
    await expect(page.locator('main')).not.toContainText('{');
  });

  await test.step('the call is looked over, then placed', async () => {
    await page.getByRole('button', { name: 'Place the call' }).click();
    const card = page.getByRole('dialog', { name: 'Place a production call?' });
    for (const words of [
      '+44 7400 123456',
      'United Kingdom, mobile',
      'Appointment reminder, published v1',
      'Front desk line',
      'from +44 20 7946 0900',
      'Jane',
      'No earlier call to this number.',
      'A real phone will ring.',
    ]) {
      await expect(card).toContainText(words);
    }
    expect(carrier.numbers).toEqual([]);
    await card.getByRole('button', { name: 'Place the call' }).click();
    await carrier.dialed;
  });

  await test.step('the call is followed to its end', async () => {
    expect(await carrier.tell('ringing')).toBe(200);
    await expect(live).toHaveAttribute('data-state', 'ringing');
    expect(await carrier.tell('in-progress')).toBe(200);
    await expect(live).toContainText('In call');
    expect(await carrier.tell('completed')).toBe(200);
    await expect(live.getByTestId('end-sentence')).not.toBeEmpty();
    expect(carrier.numbers).toEqual(['+447400123456']);
  });

  await test.step('outcome and note, beside the form', async () => {
    await live.getByText('Outcome and note').click();
    await live.getByRole('button', { name: 'Call back' }).click();
    await live.getByLabel('Note', { exact: true }).fill('Prefers the afternoon.');
    await expect(live.getByTestId('remark-state')).toContainText('Kept.');
  });

  await test.step('done: the form is ready for the next person', async () => {
    await live.getByRole('button', { name: 'Next call' }).click();
    await expect(live).toHaveCount(0);
    await expect(number).toBeFocused();
    await expect(number).toHaveValue('');
    await expect(page.getByLabel('Customer name', { exact: true })).toHaveValue('');
  });

  await test.step('whoever calls next sees that she was called', async () => {
    await number.fill('+447400123456');
    await expect(page.getByRole('region', { name: 'Last calls to this number' })).toContainText('Completed');
    await page.getByRole('link', { name: /^Runs/ }).click();
    const row = page.getByRole('list', { name: 'Runs' }).getByRole('listitem').first();
    await expect(row).toContainText('Call back');
    await expect(row).toContainText('Has a note');
  });
  await carrier.close();
});
