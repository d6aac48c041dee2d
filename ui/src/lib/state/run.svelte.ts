/**
 * One run kept up to date until it is over: by live events where the instance has them, by reading
 * again every two seconds on a plain Dograh or while the events are interrupted.
 */
import { dograhRunById, hangUpRun, run } from '$lib/api/client';
import type { Run } from '$lib/api/types';
import { coalesced, type Live } from './live.svelte';

const POLL_MS = 2000;

export interface RunAddress {
  instanceId: string;
  id: number;
  /** Known or not; a plain Dograh wants one in the path. */
  agentId: number | null;
  agentName: string;
  /** Whether the instance has `/api/switchhook`. */
  ours: boolean;
}

export class RunWatch {
  run = $state<Run | null>(null);
  error = $state<unknown>(null);
  hangingUp = $state(false);
  readonly read: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopListening: () => void;
  #closed = false;

  constructor(
    readonly address: RunAddress,
    readonly live: Live,
  ) {
    this.read = coalesced(() => this.#read());
    this.#stopListening = live.listen((instanceId, event) => {
      if (instanceId !== address.instanceId) return;
      if (event.event === 'resync' || event.run_id === address.id) this.read();
    });
    this.read();
  }

  async #read(): Promise<void> {
    clearTimeout(this.#timer);
    const { instanceId, id, agentId, agentName, ours } = this.address;
    try {
      const read = ours ? await run(instanceId, id) : await dograhRunById(instanceId, agentId, id, agentName);
      if (this.#closed) return;
      this.run = read;
      this.error = null;
    } catch (error) {
      if (this.#closed) return;
      this.error = error;
    }
    this.#poll();
  }

  #poll(): void {
    if (this.run?.is_completed) return;
    this.#timer = setTimeout(() => {
      if (!this.address.ours || !this.live.connected(this.address.instanceId)) this.read();
      else this.#poll();
    }, POLL_MS);
  }

  async hangUp(): Promise<void> {
    this.hangingUp = true;
    try {
      this.run = await hangUpRun(this.address.instanceId, this.address.id);
    } finally {
      this.hangingUp = false;
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#stopListening();
  }
}
