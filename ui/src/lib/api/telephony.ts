/**
 * Telephony configurations, their providers' forms and their phone numbers (contract §6). The shapes
 * are the server's own; what a plain Dograh leaves out of them is optional here.
 */
import { send } from './http';
import { route } from './routes';
import type { components } from './schema';

type Schemas = components['schemas'];

export type ProviderField = Schemas['ProviderField'];
/** A plain Dograh does not say `can_dial`, it dials through every provider that it has; nor what each can do. */
export type Provider = Omit<Schemas['Provider'], 'can_dial' | 'capabilities'> &
  Partial<Pick<Schemas['Provider'], 'can_dial' | 'capabilities'>>;
export type Configuration = Schemas['ConfigurationListItem'];
export type ConfigurationDetail = Schemas['ConfigurationDetail'];
export type Verification = Schemas['Verification'];
export type TelephonyNumber = Schemas['PhoneNumber'];
export type NewTelephonyNumber = Schemas['PhoneNumberCreate'];

const LIST = '/api/v1/organizations/telephony-configs';
const ONE = `${LIST}/{config_id}` as const;
const NUMBERS = `${ONE}/phone-numbers` as const;
const NUMBER = `${NUMBERS}/{phone_number_id}` as const;

/** The provider's id and its fields, by their names; dotted names are objects in it. */
export type Config = Record<string, unknown>;

export async function listProviders(instanceId: string): Promise<Provider[]> {
  const reply = await send(instanceId, route('/api/v1/organizations/telephony-providers/metadata', {}));
  return reply.json<{ providers: Provider[] }>().providers;
}

export async function listConfigurations(instanceId: string): Promise<Configuration[]> {
  const reply = await send(instanceId, route(LIST, {}));
  return reply.json<{ configurations: Configuration[] }>().configurations;
}

export async function configuration(instanceId: string, id: number): Promise<ConfigurationDetail> {
  return (await send(instanceId, route(ONE, { config_id: id }))).json();
}

export async function createConfiguration(
  instanceId: string,
  body: { name: string; is_default_outbound: boolean; config: Config },
): Promise<ConfigurationDetail> {
  return (await send(instanceId, route(LIST, {}), { method: 'POST', body })).json();
}

export async function changeConfiguration(
  instanceId: string,
  id: number,
  body: { name: string; config: Config },
): Promise<ConfigurationDetail> {
  return (await send(instanceId, route(ONE, { config_id: id }), { method: 'PUT', body })).json();
}

export async function deleteConfiguration(instanceId: string, id: number): Promise<void> {
  await send(instanceId, route(ONE, { config_id: id }), { method: 'DELETE' });
}

export async function setDefaultConfiguration(instanceId: string, id: number): Promise<void> {
  await send(instanceId, route(`${ONE}/set-default-outbound`, { config_id: id }), { method: 'POST' });
}

export async function reactivateConfiguration(instanceId: string, id: number): Promise<void> {
  await send(instanceId, route(`${ONE}/reactivate`, { config_id: id }), { method: 'POST' });
}

export async function listNumbers(instanceId: string, id: number): Promise<TelephonyNumber[]> {
  const reply = await send(instanceId, route(NUMBERS, { config_id: id }));
  return reply.json<{ phone_numbers: TelephonyNumber[] }>().phone_numbers;
}

export async function addNumber(
  instanceId: string,
  id: number,
  body: NewTelephonyNumber,
): Promise<TelephonyNumber> {
  return (await send(instanceId, route(NUMBERS, { config_id: id }), { method: 'POST', body })).json();
}

export async function changeNumber(
  instanceId: string,
  number: TelephonyNumber,
  body: { label?: string; is_active?: boolean },
): Promise<TelephonyNumber> {
  return (await send(instanceId, route(NUMBER, at(number)), { method: 'PUT', body })).json();
}

export async function setDefaultCaller(instanceId: string, number: TelephonyNumber): Promise<void> {
  await send(instanceId, route(`${NUMBER}/set-default-caller`, at(number)), { method: 'POST' });
}

export async function removeNumber(instanceId: string, number: TelephonyNumber): Promise<void> {
  await send(instanceId, route(NUMBER, at(number)), { method: 'DELETE' });
}

function at(number: TelephonyNumber): { config_id: number; phone_number_id: number } {
  return { config_id: number.telephony_configuration_id, phone_number_id: number.id };
}

/** Asks the carrier whether the account can be used; no call is placed. */
export async function verifyConfiguration(instanceId: string, id: number): Promise<Verification> {
  const path = route('/api/switchhook/telephony-configurations/{config_id}/verify', { config_id: id });
  return (await send(instanceId, path, { method: 'POST' })).json();
}
