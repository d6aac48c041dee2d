import { expect, test } from './serve';

test('no page asks anybody but its own server for anything', async ({ window: page, served }) => {
  const outside: string[] = [];
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== served.control) outside.push(request.url());
  });
  await page.reload();
  await expect(page.getByTestId('greeting')).toBeVisible();
  for (const place of ['Agents', 'Runs', 'Telephony', 'API keys', 'Settings', 'Fire']) {
    await page
      .getByRole('navigation')
      .getByRole('link', { name: new RegExp(`^${place}`) })
      .click();
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  }
  await page.goto(`${served.control}/#/agents/1`);
  for (const tab of ['JSON', 'Trigger', 'Versions', 'Steps']) {
    await page.getByRole('link', { name: tab, exact: true }).click();
  }
  await page.keyboard.press('ControlOrMeta+k');
  await expect(page.getByRole('combobox', { name: 'Find anything' })).toBeVisible();
  expect(outside).toEqual([]);
});
