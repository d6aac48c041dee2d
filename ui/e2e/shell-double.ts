/**
 * A stand-in for the desktop shell, put into the page before its scripts: `local` goes to the real
 * server by fetch, one other instance is a plain Dograh whose answers are listed here (shapes of
 * contract §1.5, §3.3, §5, §6). The real shell is tested in its own window elsewhere; here the
 * window's remote screens are.
 */
import type { Page } from '@playwright/test';

export interface DoubleOptions {
  /** Outcome of `test_instance`. */
  testOutcome?: string;
  /** The Dograh lets this key only fire. */
  triggerOnly?: boolean;
  /** The system refuses every key that is to raise the window. */
  refusesKeys?: boolean;
  /** Something before the Dograh answers a trigger request in its place. */
  answersLost?: boolean;
  /** The Dograh takes requests and answers none. */
  silent?: boolean;
}

export async function installShell(page: Page, options: DoubleOptions = {}): Promise<void> {
  await page.addInitScript(shell, options);
}

/** Runs inside the page; it may use nothing from this module. */
function shell(options: DoubleOptions): void {
  type Args = Record<string, unknown>;
  const callbacks = new Map<number, (message: unknown) => void>();
  const instances: Args[] = JSON.parse(sessionStorage.getItem('double.instances') ?? '[]') as Args[];
  const triggers: Args[] = JSON.parse(sessionStorage.getItem('double.triggers') ?? '[]') as Args[];
  const keep = () => {
    sessionStorage.setItem('double.instances', JSON.stringify(instances));
    sessionStorage.setItem('double.triggers', JSON.stringify(triggers));
  };
  const fired: Args[] = [];
  (window as unknown as Args).doubleFired = fired;
  let reads = 0;
  const preferences: Args = {
    notifications: 'away',
    raise_keys: null,
    raise_problem: null,
    zoom: 100,
    starts_with_session: false,
  };

  const definition = (greeting: string) => ({
    nodes: [
      { id: 's', type: 'startCall', data: { name: 'Start', greeting, prompt: 'Ask {{plan}}.' } },
      { id: 'e', type: 'endCall', data: { name: 'End', prompt: 'Bye.' } },
      { id: 't', type: 'trigger', data: { name: 'API', trigger_path: 'lead-intake' } },
    ],
    edges: [{ id: 'x', source: 's', target: 'e', data: { label: 'done', condition: 'done' } }],
  });
  const run = (over: boolean) => ({
    id: 5012,
    workflow_id: 33,
    name: 'WR-API-4821',
    mode: 'twilio',
    created_at: '2026-08-22T10:00:00Z',
    is_completed: over,
    initial_context: { trigger_mode: 'production', called_number: '+14155550123', provider: 'twilio' },
    gathered_context: over ? { call_id: 'CA1', call_disposition: 'user_hangup' } : {},
    usage_info: over ? { call_duration_seconds: 41.7 } : null,
    logs: {
      realtime_feedback_events: [
        { type: 'rtf-bot-text', payload: { text: 'Hello from afar.' }, timestamp: '2026-08-22T10:00:05Z' },
      ],
    },
  });

  function dograh(method: string, path: string, body: string | null): [number, unknown] {
    if (path.startsWith('/api/v1/public/agent/')) {
      fired.push({ path, body });
      reads = 0;
      if (options.answersLost) return [504, {}];
      return [200, { status: 'initiated', workflow_run_id: 5012, workflow_run_name: 'WR-API-4821' }];
    }
    if (/^\/api\/v1\/workflow\/\d+\/runs\/5012$/.test(path)) {
      reads += 1;
      return [200, run(reads > 1)];
    }
    if (method !== 'GET' || path.startsWith('/api/switchhook/')) return [404, { detail: 'Not Found' }];
    if (options.triggerOnly) return [403, { detail: 'Access denied' }];
    if (path.startsWith('/api/v1/workflow/fetch')) {
      return [
        200,
        [
          {
            id: 33,
            name: 'Lead intake',
            status: 'active',
            created_at: '2026-08-01T09:00:00Z',
            total_runs: 1,
          },
        ],
      ];
    }
    if (path.startsWith('/api/v1/workflow/33/versions')) {
      return [
        200,
        [
          {
            id: 7,
            version_number: 7,
            status: 'published',
            created_at: '2026-08-01T09:00:00Z',
            workflow_json: definition('Hi {{name | you}}.'),
          },
        ],
      ];
    }
    if (path.startsWith('/api/v1/workflow/33/runs?')) {
      return [200, { runs: [run(true)], total_count: 1, page: 1, limit: 50, total_pages: 1 }];
    }
    if (path.endsWith('/phone-numbers')) {
      return [
        200,
        {
          phone_numbers: [{ id: 84, address: '+442079460900', is_active: true, is_default_caller_id: true }],
        },
      ];
    }
    if (path.startsWith('/api/v1/organizations/telephony-configs')) {
      return [
        200,
        {
          configurations: [
            {
              id: 42,
              name: 'Twilio London',
              provider: 'twilio',
              is_default_outbound: true,
              is_ready_for_outbound: true,
            },
          ],
        },
      ];
    }
    return [404, { detail: 'Not Found' }];
  }

  async function local(args: Args): Promise<unknown> {
    const method = args.method as string;
    const response = await fetch(args.path as string, {
      method,
      headers: { ...(args.headers as Record<string, string>), 'X-Switchhook': 'window' },
      body: method === 'GET' ? undefined : ((args.body as string | null) ?? undefined),
    });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
    };
  }

  const commands: Record<string, (args: Args) => unknown> = {
    request: (args) => {
      if (args.instanceId === 'local') return local(args);
      if (options.silent) return new Promise(() => {});
      const [status, body] = dograh(args.method as string, args.path as string, args.body as string | null);
      return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    },
    subscribe: (args) => {
      const { id } = args.channel as { id: number };
      let index = 0;
      const hint = { id: null, event: 'resync', data: '{}' };
      setInterval(() => callbacks.get(id)?.({ index: index++, message: hint }), 400);
    },
    unsubscribe: () => null,
    // The real one takes it out again; what it answers is that it will.
    copy_secret: async (args) => {
      await navigator.clipboard.writeText(args.text as string);
      return true;
    },
    copy_text: (args) => navigator.clipboard.writeText(args.text as string),
    instances: () => [
      { id: 'local', name: 'This computer', url: null, colour: 'moss', kind: 'local', has_key: false },
      ...instances,
    ],
    save_instance: (args) => {
      const known = instances.find((i) => i.id === args.id);
      const saved = {
        id: `i${instances.length + 1}`,
        kind: null,
        ...known,
        name: args.name,
        url: args.url,
        colour: args.colour,
        has_key: true,
      };
      if (known) Object.assign(known, saved);
      else instances.push(saved);
      keep();
      return saved;
    },
    remove_instance: (args) => {
      instances.splice(
        instances.findIndex((i) => i.id === args.id),
        1,
      );
      keep();
    },
    test_instance: () => ({
      outcome: options.testOutcome ?? 'ok',
      product: 'dograh',
      version: '1.45.0',
      message: (options.testOutcome ?? 'ok') === 'ok' ? 'connected' : 'what the network layer said',
    }),
    saved_triggers: (args) => triggers.filter((t) => t.instanceId === args.instanceId),
    save_trigger: (args) => {
      triggers.push({ id: triggers.length + 1, ...args });
      keep();
    },
    remove_trigger: (args) => {
      triggers.splice(
        triggers.findIndex((t) => t.id === args.id),
        1,
      );
      keep();
    },
    listen: (args) => {
      const { id } = args.channel as { id: number };
      let index = 0;
      (window as unknown as Args).doubleTell = (message: unknown) =>
        callbacks.get(id)?.({ index: index++, message });
    },
    answer_quit: (args) => {
      sessionStorage.setItem('double.quit', String(args.yes));
    },
    preferences: () => preferences,
    choose_notifications: (args) => Object.assign(preferences, { notifications: args.wanted }),
    choose_raise_keys: (args) =>
      Object.assign(
        preferences,
        options.refusesKeys && args.keys !== null
          ? { raise_keys: null, raise_problem: 'another program has them already; choose other keys' }
          : { raise_keys: args.keys, raise_problem: null },
      ),
    zoom: (args) => {
      const asked = args.zoom as 'in' | 'out' | { to: number };
      const zoom = asked === 'in' ? 110 : asked === 'out' ? 90 : asked.to;
      return Object.assign(preferences, { zoom });
    },
    start_with_session: (args) => Object.assign(preferences, { starts_with_session: args.on }),
    save_file: (args) => {
      sessionStorage.setItem('double.saved', JSON.stringify(args));
      return true;
    },
    ready: () => (sessionStorage.setItem('double.ready', 'yes'), null),
  };

  let nextCallback = 1;
  Object.assign(window, {
    isTauri: true,
    __TAURI_INTERNALS__: {
      transformCallback: (callback: (message: unknown) => void) => {
        callbacks.set(nextCallback, callback);
        return nextCallback++;
      },
      unregisterCallback: (id: number) => callbacks.delete(id),
      invoke: async (name: string, args: Args = {}) => {
        const command = commands[name];
        if (!command) throw new Error(`unknown command ${name}`);
        return structuredClone((await command(args)) ?? null);
      },
    },
  });
}
