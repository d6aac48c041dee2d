/** The request inspector of an instance that is a Switchhook; the shapes are the server's own. */
import { send } from './http';
import { route } from './routes';
import type { components } from './schema';
import type { TriggerReply } from './types';

type Schemas = components['schemas'];

export type SeenRequest = Schemas['SeenRequest'];
export type SeenRequestDetail = Schemas['SeenRequestDetail'];
export type RequestPage = Schemas['RequestPage'];

export async function listRequests(instanceId: string, before: number | null = null): Promise<RequestPage> {
  return (await send(instanceId, route('/api/switchhook/requests', {}, { limit: 50, before }))).json();
}

export async function readRequest(instanceId: string, id: number): Promise<SeenRequestDetail> {
  const path = route('/api/switchhook/requests/{request_id}', { request_id: id });
  return (await send(instanceId, path)).json();
}

export async function forgetRequests(instanceId: string): Promise<void> {
  await send(instanceId, route('/api/switchhook/requests', {}), { method: 'DELETE' });
}

/** Fires a trigger by its path below `/api/`, once for a key. */
export async function replay(
  instanceId: string,
  path: string,
  body: string,
  key: string,
): Promise<TriggerReply> {
  const headers = { 'Idempotency-Key': key };
  return (await send(instanceId, path, { method: 'POST', body, headers })).json();
}
