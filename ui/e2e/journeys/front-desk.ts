/** What whoever looks after telephony has set up before a clerk calls people: a carrier, a number, the way back. */
import type { Page } from '@playwright/test';
import { ACCOUNT, TOKEN } from '../carrier-double';
import { expect } from '../serve';

/** Asks the server as its own page does. */
export async function asPage<T>(page: Page, method: string, path: string, data?: object): Promise<T> {
  const headers = { 'X-Switchhook': 'window' };
  const reply = await page.request.fetch(new URL(path, page.url()).href, { method, headers, data });
  expect(reply.status(), `${method} ${path}`).toBeLessThan(300);
  return reply.json() as Promise<T>;
}

export async function frontDesk(page: Page, carrier: string, publicUrl: string): Promise<void> {
  const configurations = '/api/v1/organizations/telephony-configs';
  const config = { provider: 'twilio', account_sid: ACCOUNT, auth_token: TOKEN, base_url: carrier };
  const { id } = await asPage<{ id: number }>(page, 'POST', configurations, {
    name: 'Front desk line',
    is_default_outbound: true,
    config,
  });
  await asPage(page, 'POST', `${configurations}/${id}/phone-numbers`, {
    address: '+442079460900',
    label: 'Front desk',
    is_default_caller_id: true,
  });
  const settings = await asPage<object>(page, 'GET', '/api/switchhook/settings');
  await asPage(page, 'PUT', '/api/switchhook/settings', { ...settings, public_base_url: publicUrl });
}
