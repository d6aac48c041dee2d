/**
 * The window as a page of `switchhook serve`: plain fetch to the same origin with the session
 * cookie. Only this computer exists here; keys of other instances belong in a keychain, which a page
 * has none of.
 */
import { copySecret } from '$lib/clipboard/forget';
import { EventStreamReader, readLiveEvent, RESYNC } from './events';
import { download } from './save';
import {
  Unreachable,
  type Instance,
  type LiveEvent,
  type SavedTrigger,
  type Subscription,
  type Transport,
} from './types';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8000;

export const LOCAL: Instance = {
  id: 'local',
  name: '',
  url: null,
  colour: 'moss',
  kind: 'local',
  has_key: false,
};

async function localFetch(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  // A foreign page cannot send this header, so the server knows that this window asked.
  if (!SAFE.has((init.method ?? 'GET').toUpperCase())) headers.set('X-Switchhook', 'window');
  try {
    return await fetch(path, { ...init, headers, credentials: 'same-origin', cache: 'no-store' });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Unreachable(error instanceof Error ? error.message : String(error));
  }
}

class FetchStream implements Subscription {
  readonly #abort = new AbortController();
  #lastId: string | null = null;
  #opened = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly onEvent: (event: LiveEvent) => void,
    readonly onConnected: (connected: boolean) => void,
  ) {
    void this.#run(FIRST_WAIT_MS);
  }

  async #run(wait: number): Promise<void> {
    let next = Math.min(wait * 2, LONGEST_WAIT_MS);
    try {
      const headers: Record<string, string> = { Accept: 'text/event-stream' };
      if (this.#lastId !== null) headers['Last-Event-ID'] = this.#lastId;
      const response = await localFetch('/api/switchhook/events', { headers, signal: this.#abort.signal });
      if (response.ok && response.body) {
        next = FIRST_WAIT_MS;
        this.onConnected(true);
        if (this.#opened && this.#lastId === null) this.onEvent(RESYNC);
        this.#opened = true;
        await this.#read(response.body);
      } else {
        await response.body?.cancel();
      }
    } catch {
      // Every way to lose the stream has the same answer: say so and connect again.
    }
    if (this.#abort.signal.aborted) return;
    this.onConnected(false);
    this.#timer = setTimeout(() => void this.#run(next), wait);
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    const events = new EventStreamReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      for (const raw of events.push(decoder.decode(value, { stream: true }))) {
        if (raw.id !== null) this.#lastId = raw.id;
        const event = readLiveEvent(raw.event, raw.data);
        if (event) this.onEvent(event);
      }
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
  }
}

function desktopOnly(): Promise<never> {
  return Promise.reject(new Unreachable('other instances need the desktop program'));
}

const copyText = (text: string): Promise<void> => navigator.clipboard.writeText(text);

/** Only where the person allowed it before: nobody is asked for the sake of tidying up. */
async function readClipboard(): Promise<string | null> {
  try {
    const allowed = await navigator.permissions.query({ name: 'clipboard-read' as PermissionName });
    return allowed.state === 'granted' ? await navigator.clipboard.readText() : null;
  } catch {
    return null;
  }
}

export const browser: Transport = {
  host: 'browser',
  fetch: (_instanceId, path, init) => localFetch(path, init),
  subscribe: (_instanceId, onEvent, onConnected) => new FetchStream(onEvent, onConnected),
  copyText,
  copySecret: (text) => copySecret(text, { copyText, readText: readClipboard }, window),
  instances: () => Promise.resolve([LOCAL]),
  saveInstance: desktopOnly,
  removeInstance: desktopOnly,
  testInstance: desktopOnly,
  savedTriggers: () => Promise.resolve<SavedTrigger[]>([]),
  saveTrigger: desktopOnly,
  removeTrigger: desktopOnly,
  saveFile: (name, text, type) => {
    download(name, text, type);
    return Promise.resolve(true);
  },
  listen: () => {},
  answerQuit: () => {},
  preferences: () => Promise.resolve(null),
  prefer: () => Promise.resolve(null),
  ready: () => {},
};
