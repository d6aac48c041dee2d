/**
 * The window inside the desktop program: every request is one `request` command that names an
 * instance and a path, never a URL. The shell adds the key from the keychain, so none is ever here.
 */
import { Channel, invoke } from '@tauri-apps/api/core';
import { readLiveEvent, RESYNC } from './events';
import {
  Unreachable,
  type DesktopPreferences,
  type Instance,
  type InstanceTestResult,
  type LiveEvent,
  type PreferenceChange,
  type SavedTrigger,
  type Subscription,
  type Transport,
} from './types';

interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string | null;
  /** The body is base64 of bytes that are no text. */
  is_base64?: boolean;
}

interface ChannelMessage {
  id?: string | number | null;
  event: string;
  data: unknown;
}

/** Statuses for which `Response` refuses a body. */
const BODILESS = new Set([101, 204, 205, 304]);

/** How long after a subscription that could not even begin the next one is tried. */
const RETRY_MS = 3000;

/** Commands reject with `{code, message}`; anything else is shown as it is. */
function unreachable(error: unknown): Unreachable {
  if (typeof error === 'object' && error !== null) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    return new Unreachable(
      typeof message === 'string' ? message : JSON.stringify(error),
      typeof code === 'string' ? code : null,
    );
  }
  return new Unreachable(String(error));
}

async function command<T>(name: string, args: Record<string, unknown> = {}): Promise<T> {
  try {
    return await invoke<T>(name, args);
  } catch (error) {
    throw unreachable(error);
  }
}

async function request(instanceId: string, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = Object.fromEntries(new Headers(init.headers));
  const reply = await command<Reply>('request', {
    instanceId,
    method: (init.method ?? 'GET').toUpperCase(),
    path,
    headers,
    body: typeof init.body === 'string' ? init.body : null,
  });
  init.signal?.throwIfAborted();
  const text = BODILESS.has(reply.status) ? null : reply.body;
  const body =
    text !== null && reply.is_base64
      ? Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
      : text;
  return new Response(body, { status: reply.status, headers: reply.headers });
}

function subscribe(
  instanceId: string,
  onEvent: (event: LiveEvent) => void,
  onConnected: (connected: boolean) => void,
): Subscription {
  let open = true;
  const channel = new Channel<ChannelMessage>((message) => {
    if (!open) return;
    if (message.event === 'connected' || message.event === 'disconnected') {
      onConnected(message.event === 'connected');
      return;
    }
    const event = readLiveEvent(message.event, message.data);
    if (event) onEvent(event);
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const start = (): void => {
    command('subscribe', { instanceId, channel }).then(
      () => {
        if (!open) return;
        onConnected(true);
        // What changed between the first reading and this moment is not known.
        onEvent(RESYNC);
      },
      () => {
        if (!open) return;
        onConnected(false);
        timer = setTimeout(start, RETRY_MS);
      },
    );
  };
  start();
  return {
    close() {
      open = false;
      clearTimeout(timer);
      command('unsubscribe', { instanceId }).catch(() => {});
    },
  };
}

function prefer(change: PreferenceChange): Promise<DesktopPreferences> {
  if ('notifications' in change) return command('choose_notifications', { wanted: change.notifications });
  if ('raise_keys' in change) return command('choose_raise_keys', { keys: change.raise_keys });
  if ('zoom' in change) return command('zoom', { zoom: change.zoom });
  return command('start_with_session', { on: change.starts_with_session });
}

export const desktop: Transport = {
  host: 'desktop',
  fetch: request,
  subscribe,
  copyText: (text) => command('copy_text', { text }),
  // The shell compares and clears by itself: what lies in the clipboard never comes here.
  copySecret: (text) => command<boolean>('copy_secret', { text }),
  instances: () => command<Instance[]>('instances'),
  saveInstance: (draft) => command<Instance>('save_instance', { ...draft }),
  removeInstance: (id) => command('remove_instance', { id }),
  testInstance: (test) => command<InstanceTestResult>('test_instance', { ...test }),
  savedTriggers: (instanceId) => command<SavedTrigger[]>('saved_triggers', { instanceId }),
  saveTrigger: (instanceId, url, name) => command('save_trigger', { instanceId, url, name }),
  removeTrigger: (id) => command('remove_trigger', { id }),
  saveFile: (name, text) => command<boolean>('save_file', { name, text }),
  listen: (onMessage) => void command('listen', { channel: new Channel(onMessage) }).catch(() => {}),
  answerQuit: (yes) => void command('answer_quit', { yes }).catch(() => {}),
  preferences: () => command<DesktopPreferences>('preferences'),
  prefer,
  ready: () => void command('ready').catch(() => {}),
};
