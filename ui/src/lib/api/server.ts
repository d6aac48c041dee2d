/** Whether this computer's server is reached, and the switch of its control listener. */
import { send } from './http';
import { LOCAL_ID } from './local';
import { route } from './routes';
import type { components } from './schema';
import type { Listener } from './types';

export type ReachCheck = components['schemas']['ReachCheck'];

/** Has the server ask itself through each of its addresses. */
export async function tryAddresses(): Promise<ReachCheck[]> {
  const reply = await send(LOCAL_ID, route('/api/switchhook/server/check', {}), { method: 'POST' });
  return reply.json<{ checks: ReachCheck[] }>().checks;
}

export async function switchControl(isOn: boolean): Promise<Listener> {
  const path = route('/api/switchhook/server/control', {});
  return (await send(LOCAL_ID, path, { method: 'PUT', body: { is_on: isOn } })).json();
}
