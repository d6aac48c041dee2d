/** The server of this computer: where it listens, its settings, its secret store. */
import { changeSettings, serverInfo, settings } from '$lib/api/client';
import { LOCAL_ID } from '$lib/api/local';
import { fromHere } from '$lib/settings/reach';
import { readUrl } from '$lib/trigger-url/trigger-url';
import type { ServerInfo, Settings } from '$lib/api/types';

export class Server {
  info = $state<ServerInfo | null>(null);
  settings = $state<Settings | null>(null);
  error = $state<unknown>(null);
  /**
   * What copied URLs start with; null while nothing listens. A listener on every address is reached by the one
   * that the network knows, from this computer too.
   */
  base = $derived(
    this.settings?.public_base_url ??
      this.info?.public.network_url ??
      fromHere(this.info?.public.url ?? null),
  );
  /** A fixed public address reaches here from outside; a loopback address does not. */
  reachable = $derived(this.settings?.public_base_url ? true : !isLoopback(this.info?.public.url ?? ''));

  #changes = 0;

  async load(): Promise<void> {
    const before = this.#changes;
    try {
      const [info, current] = await Promise.all([serverInfo(LOCAL_ID), settings(LOCAL_ID)]);
      this.info = info;
      // What was asked for before a change does not undo it on the screen.
      if (before === this.#changes) this.settings = current;
      this.error = null;
    } catch (error) {
      this.error = error;
    }
  }

  async change(change: Partial<Settings>): Promise<void> {
    this.#changes += 1;
    const changed = await changeSettings(LOCAL_ID, change);
    this.#changes += 1;
    this.settings = changed;
  }
}

function isLoopback(url: string): boolean {
  const host = readUrl(url)?.hostname ?? '';
  return host === 'localhost' || host === '[::1]' || host.startsWith('127.');
}
