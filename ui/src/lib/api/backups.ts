/** Copies of this computer's database. They are the person's at the window alone. */
import { send } from './http';
import { LOCAL_ID } from './local';
import { route } from './routes';
import type { components } from './schema';

export type Backups = components['schemas']['Backups'];

export async function listBackups(): Promise<Backups> {
  return (await send(LOCAL_ID, route('/api/switchhook/backups', {}))).json();
}

export async function createBackup(): Promise<Backups> {
  return (await send(LOCAL_ID, route('/api/switchhook/backups', {}), { method: 'POST' })).json();
}

/** Where a browser fetches a copy. */
export function backupPath(name: string): string {
  return route('/api/switchhook/backups/{backup_name}', { backup_name: name });
}

/** Has a copy put back at the next start. */
export async function prepareRestore(backup: string): Promise<Backups> {
  const path = route('/api/switchhook/restore', {});
  return (await send(LOCAL_ID, path, { method: 'PUT', body: { backup } })).json();
}

export async function cancelRestore(): Promise<Backups> {
  return (await send(LOCAL_ID, route('/api/switchhook/restore', {}), { method: 'DELETE' })).json();
}
