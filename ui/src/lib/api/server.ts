/** Whether this computer's server is reached, and the switches of its listeners. */
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

/** What a person switches: the control listener, or whether triggers are taken from the network, too. */
export type Switched = 'control' | 'network';

export async function turnListener(switched: Switched, isOn: boolean): Promise<Listener> {
  const path = route(`/api/switchhook/server/${switched}`, {});
  return (await send(LOCAL_ID, path, { method: 'PUT', body: { is_on: isOn } })).json();
}
