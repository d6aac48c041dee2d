/**
 * The Fire form: which trigger, which version, whom, with what context, and why the button may not
 * be pressed. It outlives the page, so that looking at a run loses nothing.
 */
import { fire, listVersions, preview } from '$lib/api/client';
import { ApiError } from '$lib/api/http';
import type { AgentVersion, Mode, Preview, Run, TriggerReply } from '$lib/api/types';
import { checkContext, contextOrEmpty, prettyContext, withoutMembers } from '$lib/json/context';
import { sentence } from '$lib/format';
import { SERVER_NAMES } from '$lib/json/server-names';
import { triggerRoute, type TriggerKind } from '$lib/trigger-url/trigger-url';
import { w } from '$lib/words';
import type { Target } from './agents.svelte';
import { NumberField } from './destination.svelte';
import type { Live } from './live.svelte';
import { Contacts } from './contacts.svelte';
import { Presets } from './presets.svelte';
import { RunWatch } from './run.svelte';
import { Telephony } from './telephony.svelte';
import { uniqueId } from './unique';

const PREVIEW_WAIT_MS = 120;

interface Sent {
  route: string;
  body: string;
  key: string;
}

/** A call of which nobody knows whether it went out. */
interface Doubt {
  number: string;
  /** Its run, where there is one that is known. */
  run: { id: number; name: string | null } | null;
  /** A request whose answer got lost: pressing the button again asks for the same one. */
  sent: Sent | null;
}

export class Fire {
  target = $state.raw<Target | null>(null);
  mode = $state<Mode>('test');
  readonly number = new NumberField();
  readonly telephony = new Telephony();
  readonly contacts = new Contacts();
  readonly presets = new Presets();
  /** The run that the form came from, if a person fires one again. */
  origin = $state.raw<Run | null>(null);
  /** A text that was pasted and is being looked at; null at rest. */
  pasting = $state<string | null>(null);
  contextText = $state('{}');
  versions = $state.raw<AgentVersion[]>([]);
  versionsLoading = $state(false);
  versionsError = $state<unknown>(null);
  preview = $state.raw<Preview | null>(null);
  firing = $state(false);
  error = $state<unknown>(null);
  reply = $state<TriggerReply | null>(null);
  /** The run this form fired last, until the person goes back to the preview. */
  watch = $state.raw<RunWatch | null>(null);

  checked = $derived(checkContext(this.contextText));
  published = $derived(this.versions.find((v) => v.status === 'published') ?? null);
  draft = $derived(this.versions.find((v) => v.status === 'draft') ?? null);
  version = $derived(this.versionOf(this.mode));
  missing = $derived(this.preview?.variables.filter((v) => v.state === 'missing') ?? []);
  reason = $derived(this.#reason());
  doubt = $state.raw<Doubt | null>(null);
  /** Firing now may ring a phone that the call before has rung already. */
  mayRingTwice = $derived(this.#mayRingTwice());

  #instanceId = 'local';
  #ours = $state(true);
  #contexts = new Map<string, string>();
  #previewTimer: ReturnType<typeof setTimeout> | undefined;
  #previewAbort: AbortController | null = null;

  constructor(readonly live: Live) {
    this.number.onChecked = () => this.refreshPreview();
  }

  /** Nothing of one instance can be fired at another while that is asked what it has. */
  leave(instanceId: string): void {
    if (instanceId === this.#instanceId) return;
    this.#instanceId = instanceId;
    this.#forget();
    this.#contexts.clear();
  }

  async use(instanceId: string, ours: boolean): Promise<void> {
    this.leave(instanceId);
    this.#ours = ours;
    await this.telephony.load(instanceId);
    this.number.useProvider(this.telephony.configuration?.provider ?? '');
  }

  async choose(target: Target): Promise<void> {
    if (target.key === this.target?.key) return;
    this.#forget();
    this.target = target;
    this.presets.use(this.#instanceId, target.key);
    // Production is a deliberate act, for each agent anew.
    this.mode = 'test';
    await this.loadVersions();
    this.contextText = this.#contexts.get(target.key) ?? this.#firstContext();
    this.refreshPreview();
  }

  async loadVersions(): Promise<void> {
    const target = this.target;
    if (!target?.agent) return;
    this.versionsLoading = this.versions.length === 0;
    try {
      const versions = await listVersions(this.#instanceId, target.agent.id);
      if (target.key !== this.target?.key) return;
      this.versions = versions;
      this.versionsError = null;
    } catch (error) {
      if (target.key === this.target?.key) this.versionsError = error;
    }
    this.versionsLoading = false;
  }

  /** A published version changed or a draft was saved: the same form over the new definition. */
  async reread(): Promise<void> {
    await this.loadVersions();
    this.refreshPreview();
  }

  setMode(mode: Mode): void {
    this.mode = mode;
    this.refreshPreview();
  }

  setContext(text: string): void {
    this.contextText = text;
    if (this.target) this.#contexts.set(this.target.key, text);
    this.refreshPreview();
  }

  async chooseTelephony(id: number): Promise<void> {
    await this.telephony.choose(id);
    this.number.useProvider(this.telephony.configuration?.provider ?? '');
  }

  /** Production looks in the published version only, test in the draft else the published one. */
  versionOf(mode: Mode): AgentVersion | null {
    return mode === 'production' ? this.published : (this.draft ?? this.published);
  }

  /** The route that fires in `mode`, or null when that version has no trigger. */
  routeOf(mode: Mode): string | null {
    const saved = this.target?.saved;
    if (saved) return triggerRoute(saved.path, mode, saved.kind);
    const found = this.#pathOf(mode);
    return found ? triggerRoute(found.path, mode, found.kind) : null;
  }

  #pathOf(mode: Mode): { path: string; kind: TriggerKind } | null {
    const version = this.versionOf(mode) ?? this.draft;
    const node = version?.workflow_json.nodes.find((n) => n.type === 'trigger');
    const path = node?.data.trigger_path ?? (version ? null : this.target?.agent?.trigger_path);
    return typeof path === 'string' && path !== '' ? { path, kind: 'trigger' } : null;
  }

  body(): string {
    const head = JSON.stringify({ phone_number: this.number.value });
    const tail = Object.entries(this.telephony.requestFields()).map(([name, id]) => `,"${name}":${id}`);
    return `${head.slice(0, -1)},"initial_context":${contextOrEmpty(this.contextText).trim()}${tail.join('')}}`;
  }

  #reason(): string | null {
    const r = w.fire.reasons;
    if (!this.target) return r.noAgent;
    if (this.firing) return r.firing;
    if (this.target.agent && !this.versionsLoading) {
      if (this.mode === 'production' && !this.published && this.draft) return r.notPublished;
      if (this.routeOf(this.mode) === null) return r.noTrigger;
    }
    const { loaded, hidden, configurations, configuration, ready } = this.telephony;
    if (loaded && !hidden && configurations.length === 0) return r.noTelephony;
    if (this.number.text.trim() === '') return r.noNumber;
    if (this.number.checking) return r.checking;
    if (!this.number.usable) return sentence(this.number.checked?.message ?? r.noNumber);
    if (this.checked.problems.length > 0) return r.context;
    if (loaded && !hidden && !ready) return sentence(configuration?.outbound_blocked_reason ?? r.telephony);
    return null;
  }

  #mayRingTwice(): boolean {
    const doubt = this.doubt;
    if (doubt === null || doubt.number !== this.number.value) return false;
    // The run of a lost call may have found out what became of it.
    const followed = this.watch?.run;
    if (followed && followed.id === doubt.run?.id && followed.state !== 'indeterminate') return false;
    // A Switchhook knows the same request by its key; a Dograh does not.
    return !this.#ours || !isSame(doubt.sent, this.routeOf(this.mode), this.body());
  }

  /**
   * Places one call. Answers the reply, or null when it was refused (`error` says why). `asked` is the key of
   * the card that the call was looked over on: every press on that card is the same request.
   */
  async fire(asked: string | null = null): Promise<TriggerReply | null> {
    const route = this.routeOf(this.mode);
    if (this.reason !== null || route === null) return null;
    const body = this.body();
    const number = this.number.value;
    const lost = this.doubt?.sent ?? null;
    const key = lost && isSame(lost, route, body) ? lost.key : (asked ?? uniqueId());
    this.firing = true;
    this.error = null;
    try {
      const reply = await fire(this.#instanceId, route, body, key);
      this.doubt = null;
      this.reply = reply;
      this.#follow(reply.workflow_run_id);
      return reply;
    } catch (error) {
      this.error = error;
      const runId = error instanceof ApiError ? error.runId : null;
      if (isLost(error)) this.doubt = { number, run: null, sent: { route, body, key } };
      else if (error instanceof ApiError && error.code === 'outcome-unknown')
        this.doubt = { number, run: runId === null ? null : { id: runId, name: null }, sent: null };
      // Another request's refusal says nothing about the one that got lost.
      else if (isSame(lost, route, body)) this.doubt = null;
      if (runId !== null) this.#follow(runId);
      return null;
    } finally {
      this.firing = false;
    }
  }

  #follow(runId: number): void {
    this.watch?.close();
    this.watch = new RunWatch(
      {
        instanceId: this.#instanceId,
        id: runId,
        agentId: this.target?.agent?.id ?? null,
        agentName: this.target?.name ?? '',
        ours: this.#ours,
      },
      this.live,
    );
  }

  /** Back from the live run to the preview. */
  leaveRun(): void {
    this.watch?.close();
    this.watch = null;
    this.reply = null;
    this.error = null;
  }

  /** The form for another person: no number, no context but the agent's own. */
  clear(): void {
    this.leaveRun();
    this.origin = null;
    this.number.set('');
    this.setContext(this.#firstContext());
  }

  /** The form as a past run was fired; the person reads it over and fires it. */
  async again(run: Run, target: Target): Promise<void> {
    await this.choose(target);
    this.origin = run;
    if (run.mode) this.mode = run.mode;
    this.number.set(run.destination);
    if (run.state === 'indeterminate') this.doubt = { number: run.destination, run, sent: null };
    this.setContext(withoutMembers(run.initial_context_text, SERVER_NAMES));
    const configuration = this.telephony.configurations.find((c) => c.id === run.telephony_configuration_id);
    if (configuration && configuration.id !== this.telephony.configurationId) {
      await this.chooseTelephony(configuration.id);
    }
  }

  refreshPreview(): void {
    clearTimeout(this.#previewTimer);
    this.#previewAbort?.abort();
    if (!this.version || this.checked.problems.length > 0) return;
    this.#previewTimer = setTimeout(() => void this.#ask(), PREVIEW_WAIT_MS);
  }

  async #ask(): Promise<void> {
    const version = this.version;
    if (!version) return;
    const abort = new AbortController();
    this.#previewAbort = abort;
    try {
      const answer = await preview(
        {
          definition: version.workflow_json,
          templateVariables: version.template_context_variables ?? null,
          contextText: contextOrEmpty(this.contextText),
          mode: this.mode,
          phoneNumber: this.number.checked?.e164 ?? null,
        },
        abort.signal,
      );
      if (!abort.signal.aborted) this.preview = answer;
    } catch {
      // The preview is a help, not a condition: without it the form still fires.
    }
  }

  /** The agent's own test values, so that the first call needs no typing. */
  #firstContext(): string {
    const values = this.draft?.template_context_variables ?? this.published?.template_context_variables;
    return prettyContext(JSON.stringify(values ?? {}));
  }

  #forget(): void {
    clearTimeout(this.#previewTimer);
    this.#previewAbort?.abort();
    this.target = null;
    this.origin = null;
    this.versions = [];
    this.versionsError = null;
    this.preview = null;
    this.contextText = '{}';
    this.leaveRun();
  }
}

/** Whether nobody here knows what became of a request: no answer, or none of a server that knows. */
export function isLost(error: unknown): boolean {
  if (!(error instanceof ApiError)) return true;
  return error.status === 0 || (error.status >= 500 && error.code === null);
}

function isSame(sent: Sent | null, route: string | null, body: string): boolean {
  return sent !== null && sent.route === route && sent.body === body;
}
