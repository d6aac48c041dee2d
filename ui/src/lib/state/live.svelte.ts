/**
 * Live events of the instances on screen, handed to whoever listens. Hints only: a listener reads
 * again what it shows. A plain Dograh has no events; its runs are polled where they are shown.
 */
import { transport, type LiveEvent, type Subscription } from '$lib/transport';

type Listener = (instanceId: string, event: LiveEvent) => void;

export class Live {
  /** Per instance; an instance that is not watched counts as connected. */
  #connected = $state<Record<string, boolean>>({});
  #subscriptions = new Map<string, Subscription>();
  #listeners = new Set<Listener>();

  connected(instanceId: string): boolean {
    return this.#connected[instanceId] ?? true;
  }

  watch(instanceId: string): void {
    if (this.#subscriptions.has(instanceId)) return;
    const subscription = transport.subscribe(
      instanceId,
      (event) => this.#listeners.forEach((listener) => listener(instanceId, event)),
      (connected) => (this.#connected[instanceId] = connected),
    );
    this.#subscriptions.set(instanceId, subscription);
  }

  unwatch(instanceId: string): void {
    this.#subscriptions.get(instanceId)?.close();
    this.#subscriptions.delete(instanceId);
    delete this.#connected[instanceId];
  }

  /** Answers the function that stops listening. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/**
 * Runs `work` for a burst of hints: at once for the first, then once more when hints came while it
 * ran. Work never overlaps itself.
 */
export function coalesced(work: () => Promise<void>): () => void {
  let running = false;
  let again = false;
  const start = async (): Promise<void> => {
    running = true;
    try {
      do {
        again = false;
        await work();
      } while (again);
    } finally {
      running = false;
    }
  };
  return () => {
    if (running) again = true;
    else void start();
  };
}
