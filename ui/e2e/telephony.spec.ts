import type { Page } from '@playwright/test';
import { everywhere } from './axe';
import { tabTo } from './keyboard';
import { announced, expect, test } from './serve';

const SID = 'AC0123456789abcdef0123456789abcdef';

async function open(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Telephony' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Telephony' })).toBeVisible();
}

function row(page: Page, name: string) {
  return page.getByRole('list', { name: 'Configurations' }).getByRole('listitem').filter({ hasText: name });
}

/** Adds a configuration by the form and stays on its page. */
async function addTwilio(page: Page, name: string): Promise<void> {
  await open(page);
  await page.getByRole('link', { name: 'Add a configuration' }).click();
  await page.getByRole('radio', { name: /Twilio/ }).check();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Account SID').fill(SID);
  await page.getByLabel('Auth Token').fill('a token nobody sees again 1234');
  await page.getByRole('button', { name: 'Add it' }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await expect(announced(page)).toContainText(`${name} is added.`);
}

async function remove(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(announced(page)).toContainText(`${name} is deleted.`);
  await expect(row(page, name)).toHaveCount(0);
}

test('a carrier is added by its form, given a number, and called through', async ({ window: page }) => {
  await addTwilio(page, 'Twilio London');
  await expect(page.getByTestId('readiness')).toHaveText('Not ready');
  await expect(page.getByText('Outbound calls need a number to dial from.')).toBeVisible();
  // What was entered is told by its end, and by nothing more.
  await expect(page.locator('main')).not.toContainText('nobody sees');
  await expect(page.getByRole('button', { name: 'Replace Auth Token' })).toBeVisible();

  await page.getByRole('button', { name: 'Add a number' }).click();
  await expect(page.getByLabel('Number', { exact: true })).toBeFocused();
  await page.keyboard.type('020 7946 0900');
  await page.getByLabel('Country').selectOption('GB');
  await page.getByLabel('Label').fill('Front desk');
  await page.getByRole('button', { name: 'Add the number' }).click();
  await expect(page.getByTestId('readiness')).toHaveText('Ready to call');
  const number = page.getByRole('list', { name: 'Phone numbers' }).getByRole('listitem');
  await expect(number).toContainText('+44 20 7946 0900');
  await expect(number).toContainText('United Kingdom · entered as 020 7946 0900');
  await expect(number).toContainText('Front desk');
  await expect(number).toContainText('default caller');

  await page.getByRole('link', { name: 'All configurations' }).click();
  await expect(row(page, 'Twilio London')).toContainText('Ready to call');
  await expect(row(page, 'Twilio London')).toContainText('1 active number');
  await row(page, 'Twilio London').click();
  await remove(page, 'Twilio London');
});

test('verifying says what the carrier said, whose side it is on and what to do', async ({ window: page }) => {
  await open(page);
  await row(page, 'Desk phone').getByRole('link').first().click();
  await page.getByRole('button', { name: /^Verify/ }).click();
  await expect(page.getByTestId('verification')).toContainText('Verified.');
  await expect(page.getByTestId('verification')).toContainText('No call was placed.');

  await addTwilio(page, 'Twilio to verify');
  await page.route('**/verify', (route) =>
    route.fulfill({
      json: {
        outcome: 'refused',
        side: 'caller',
        message: 'Twilio knows no account with this SID and token',
        next: 'copy the Account SID and the Auth Token from the Twilio console again',
        duration_ms: 210,
      },
    }),
  );
  await page.getByRole('button', { name: 'Verify Twilio to verify' }).click();
  const said = page.getByTestId('verification');
  await expect(said).toContainText('Refused. Twilio knows no account with this SID and token.');
  await expect(said).toContainText('Yours to mend.');
  await expect(said).toContainText('Copy the Account SID and the Auth Token');
  await everywhere(page, (check) => check('a verified configuration'));
  await page.unroute('**/verify');
  await remove(page, 'Twilio to verify');
});

test('a secret is kept unless it is replaced, and never goes to another address', async ({
  window: page,
}) => {
  await addTwilio(page, 'Twilio Paris');
  const sent = () =>
    page.waitForRequest((request) => request.method() === 'PUT').then((request) => request.postDataJSON());

  await page.getByLabel('Name', { exact: true }).fill('Twilio Nice');
  let asked = sent();
  await page.getByRole('button', { name: 'Save changes' }).click();
  expect((await asked).config.auth_token).toMatch(/^\*+1234$/);
  await expect(page.getByRole('heading', { level: 1, name: 'Twilio Nice' })).toBeVisible();

  await page.getByLabel('Base URL').fill('https://elsewhere.example.com');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.getByText('they belong to the address they were entered for').first()).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Account SID' })).toBeFocused();
  await page.getByLabel('Base URL').fill('');
  await page.getByRole('button', { name: 'Keep the stored Account SID' }).click();

  await page.getByRole('textbox', { name: 'Auth Token' }).fill('another token 9876');
  await page.getByRole('button', { name: 'Show Auth Token' }).click();
  await expect(page.getByRole('textbox', { name: 'Auth Token' })).toHaveAttribute('type', 'text');
  asked = sent();
  await page.getByRole('button', { name: 'Save changes' }).click();
  const config = (await asked).config;
  expect(config.auth_token).toBe('another token 9876');
  expect(config.account_sid).toMatch(/^\*+cdef$/);
  await expect(page.getByText('9876', { exact: true })).toBeVisible();
  await remove(page, 'Twilio Nice');
});

test('what is wrong stands at its field, and the first one has the focus', async ({ window: page }) => {
  await open(page);
  await page.getByRole('link', { name: 'Add a configuration' }).click();
  await page.getByRole('radio', { name: /Twilio/ }).check();
  await page.getByLabel('Name', { exact: true }).fill('Desk phone');
  await page.getByLabel('Account SID').fill(SID);
  await page.getByRole('button', { name: 'Add it' }).click();
  await expect(page.getByLabel('Auth Token')).toBeFocused();
  await expect(page.getByLabel('Auth Token')).toHaveAccessibleDescription(/Fill this in\./);
  await expect(announced(page)).toContainText('One field needs a look.');

  await page.getByLabel('Auth Token').fill('t');
  await page.getByRole('button', { name: 'Add it' }).click();
  const name = page.getByLabel('Name', { exact: true });
  await expect(name).toBeFocused();
  await expect(name).toHaveAccessibleDescription(/Another configuration has this name/);

  await name.fill('Twilio Bad Base');
  await page.getByText('Limits of this configuration').click();
  await page.getByLabel('Ring for at most, in seconds').fill('301');
  await page.getByRole('button', { name: 'Add it' }).click();
  await expect(page.getByText('A whole number from 1 to 300.')).toBeVisible();
  await page.getByLabel('Ring for at most, in seconds').fill('20');

  // The server's own refusals find their fields too.
  await page.route('**/telephony-configs', (route) =>
    route.request().method() === 'POST'
      ? route.fulfill({
          status: 422,
          json: {
            code: 'invalid-request',
            detail: [
              {
                loc: ['body', 'config', 'twilio', 'base_url'],
                msg: 'Value error, write https',
                type: 'value_error',
              },
            ],
          },
        })
      : route.fallback(),
  );
  await page.getByRole('button', { name: 'Add it' }).click();
  await expect(page.getByLabel('Base URL')).toBeFocused();
  await expect(page.getByLabel('Base URL')).toHaveAccessibleDescription(/Write https\./);
  await page.unroute('**/telephony-configs');
  await page.getByLabel('Base URL').fill('');
  await page.getByRole('button', { name: 'Add it' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Twilio Bad Base' })).toBeVisible();
  await expect(page.getByLabel('Ring for at most, in seconds')).toHaveValue('20');
  await remove(page, 'Twilio Bad Base');
});

test('a carrier without a way to dial is kept, and says so', async ({ window: page }) => {
  await open(page);
  await page.getByRole('link', { name: 'Add a configuration' }).click();
  await expect(page.getByRole('heading', { name: 'Not available to dial yet' })).toBeVisible();
  await page.getByRole('radio', { name: 'Plivo' }).check();
  await expect(page.getByText('there is no way to dial through it yet')).toBeVisible();
  await page.getByLabel('Name', { exact: true }).fill('Plivo');
  await page.getByLabel('Auth ID').fill('MA1234567890');
  await page.getByLabel('Auth Token').fill('token');
  await page.getByRole('button', { name: 'Add it' }).click();
  await expect(page.getByTestId('readiness')).toHaveText('Not available to dial yet');
  await expect(page.getByRole('button', { name: 'Make default' })).toHaveCount(0);
  await page.getByLabel('Number', { exact: true }).fill('+12025550143');
  await page.getByRole('button', { name: 'Add the number' }).click();
  await expect(page.getByText("Provider 'plivo' is unavailable.")).toBeVisible();
  await page.getByRole('link', { name: 'All configurations' }).click();
  await expect(row(page, 'Plivo')).toContainText('Not available to dial yet');
  await row(page, 'Plivo').click();
  await remove(page, 'Plivo');
});

test('the default moves, and one out of use comes back', async ({ window: page }) => {
  await addTwilio(page, 'Twilio Rome');
  await page.getByRole('button', { name: 'Make default' }).click();
  await expect(announced(page)).toContainText('Calls go through Twilio Rome');
  await page.getByRole('link', { name: 'All configurations' }).click();
  await expect(row(page, 'Twilio Rome')).toContainText('default');
  await expect(row(page, 'Desk phone')).not.toContainText('default');
  await row(page, 'Desk phone').click();
  await page.getByRole('button', { name: 'Make default' }).click();
  await expect(page.getByRole('button', { name: 'Make default' })).toHaveCount(0);

  // Only a worker of a carrier puts one out of use, so the answers are put out of use here.
  const inactive = {
    inactive: true,
    inactive_since: '2026-11-02T10:00:00Z',
    inactive_reason: 'login refused',
  };
  let isOut = true;
  await page.route('**/telephony-configs', async (route) => {
    const response = await route.fetch();
    const body = (await response.json()) as { configurations: { name: string }[] };
    const configurations = body.configurations.map((one) =>
      isOut && one.name === 'Twilio Rome' ? Object.assign(one, inactive) : one,
    );
    await route.fulfill({ response, json: { configurations } });
  });
  await page.route('**/telephony-configs/*/reactivate', async (route) => {
    isOut = false;
    await route.continue();
  });
  await page.getByRole('link', { name: 'All configurations' }).click();
  await page.reload();
  await expect(row(page, 'Twilio Rome')).toContainText('Out of use since Nov 2, 2026. Login refused.');
  await page.getByRole('button', { name: 'Bring it back into use' }).click();
  await expect(announced(page)).toContainText('Twilio Rome is back in use.');
  await expect(row(page, 'Twilio Rome')).toContainText('Not ready');
  // An answer that is on its way is waited for.
  await page.unrouteAll({ behavior: 'wait' });
  await row(page, 'Twilio Rome').click();
  await remove(page, 'Twilio Rome');
});

test('numbers are labelled, switched, made the caller and removed, by keyboard alone', async ({
  window: page,
}) => {
  await addTwilio(page, 'Twilio Keys');
  await page.getByRole('button', { name: 'Add a number' }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.type('+14155550143');
  await page.keyboard.press('Enter');
  const list = page.getByRole('list', { name: 'Phone numbers' }).getByRole('listitem');
  await expect(list).toHaveCount(1);
  await expect(page.getByLabel('Number', { exact: true })).toBeFocused();
  await page.keyboard.type('+14155550144');
  await page.keyboard.press('Enter');
  await expect(list).toHaveCount(2);
  const second = list.filter({ hasText: '0144' });
  await expect(second).toContainText('United States');
  await page.getByRole('link', { name: 'All configurations' }).focus();

  await tabTo(page, page.getByRole('button', { name: 'Add a label to +1 415-555-0144' }));
  await page.keyboard.press('Enter');
  await page.keyboard.type('Night line');
  await page.keyboard.press('Enter');
  await expect(second).toContainText('Night line');
  await expect(page.getByRole('button', { name: 'Change the label of +1 415-555-0144' })).toBeFocused();

  await tabTo(page, page.getByRole('button', { name: 'Make +1 415-555-0144 the default caller' }));
  await page.keyboard.press('Enter');
  await expect(second).toContainText('default caller');
  await page.getByRole('link', { name: 'All configurations' }).focus();
  await tabTo(page, page.getByRole('button', { name: 'Deactivate +1 415-555-0144' }));
  await page.keyboard.press('Enter');
  await expect(second).toContainText('another active number is shown instead');
  await expect(announced(page)).toContainText('is inactive. No call shows it.');
  await page.keyboard.press('Enter');
  await expect(second).not.toContainText('inactive');

  await tabTo(page, page.getByRole('button', { name: 'Remove +1 415-555-0144' }));
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Remove +1 415-555-0144' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).focus();
  await page.keyboard.press('Enter');
  await expect(second).toHaveCount(0);
  await expect(page.getByLabel('Number', { exact: true })).toBeFocused();

  await page.keyboard.type('020 7946 0900');
  await page.keyboard.press('Enter');
  await expect(announced(page)).toContainText('Choose the country');
  await page.getByLabel('Number', { exact: true }).fill('+14155550143');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('form').getByText('is already registered')).toBeVisible();
  await remove(page, 'Twilio Keys');
});

test('a configuration that is gone says so; one that cannot be read tries again', async ({
  window: page,
  served,
}) => {
  await page.goto(`${served.control}/#/telephony/987654`);
  await expect(page.getByRole('heading', { name: 'No such configuration' })).toBeVisible();
  await page.route('**/telephony-providers/metadata', (route) => route.fulfill({ status: 503, json: {} }));
  await page.goto(`${served.control}/?again#/telephony`);
  await expect(page.getByRole('alert')).toBeVisible();
  await page.unroute('**/telephony-providers/metadata');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(row(page, 'Desk phone')).toBeVisible();
});

test('an empty list says what to do first', async ({ window: page, served }) => {
  await page.route('**/telephony-configs', (route) => route.fulfill({ json: { configurations: [] } }));
  await page.goto(`${served.control}/#/telephony`);
  await expect(page.getByRole('heading', { name: 'Nothing to call through yet' })).toBeVisible();
  await everywhere(page, (check) => check('no configuration'));
});

test('every telephony screen passes axe and fits', async ({ window: page, served }) => {
  test.setTimeout(240_000);
  await addTwilio(page, 'Twilio Axe');
  await page.getByLabel('Number', { exact: true }).fill('+14155550155');
  await page.getByRole('button', { name: 'Add the number' }).click();
  await expect(page.getByRole('list', { name: 'Phone numbers' })).toContainText('United States');
  const here = page.url();
  await everywhere(page, async (check) => {
    await page.goto(here);
    await page.getByRole('button', { name: 'Replace Auth Token' }).click();
    await page.getByRole('button', { name: 'Save changes' }).click();
    await expect(page.getByText('Fill this in.')).toBeVisible();
    await page.getByLabel('Number', { exact: true }).fill('020 7946 0900');
    await check('a configuration');
    await page.getByRole('button', { name: 'Delete' }).click();
    await check('the question before deleting');
    await page.keyboard.press('Escape');
    await page.goto(`${served.control}/#/telephony/new`);
    await page.getByRole('radio', { name: 'Asterisk ARI' }).check();
    await check('a new configuration');
    await page.goto(`${served.control}/#/telephony`);
    await expect(row(page, 'Twilio Axe')).toBeVisible();
    await check('the list');
  });
  await page.goto(here);
  await remove(page, 'Twilio Axe');
});
