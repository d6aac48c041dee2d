/**
 * The window as a whole: which parts it has, and what has to be read again when the instance or the
 * address changes. Components take the part they need from here; nothing here draws.
 */
import { run as readRun } from '$lib/api/client';
import { LOCAL_ID } from '$lib/api/local';
import type { Mode, Run } from '$lib/api/types';
import { href, parseRoute, type Route } from '$lib/router/router';
import { Shortcuts } from '$lib/shortcuts/shortcuts.svelte';
import { transport, type Instance, type LiveCall, type ShellMessage } from '$lib/transport';
import { w } from '$lib/words';
import { Agents } from './agents.svelte';
import { DeskPhone } from './desk-phone.svelte';
import { Fire } from './fire.svelte';
import { Instances } from './instances.svelte';
import { Live } from './live.svelte';
import { memory } from './memory';
import { Notices } from './notices.svelte';
import { Runs } from './runs.svelte';
import { Server } from './server.svelte';
import { Session } from './session.svelte';
import { Theme } from './theme.svelte';

export class App {
  readonly theme = new Theme();
  readonly notices = new Notices();
  readonly session = new Session();
  readonly live = new Live();
  readonly instances = new Instances();
  readonly server = new Server();
  readonly agents = new Agents();
  readonly runs = new Runs(this.live);
  readonly fire = new Fire(this.live);
  readonly desk = new DeskPhone(this.live, this.notices);
  readonly shortcuts = new Shortcuts();

  route = $state.raw<Route>(parseRoute(location.hash));
  /** The chosen instance did not answer. */
  connectError = $state<unknown>(null);
  /** The instance whose dialog is open; `new` adds one. */
  instanceDialog = $state.raw<Instance | 'new' | null>(null);
  /** What lies over the whole window. */
  overlay = $state<'palette' | 'shortcuts' | null>(null);
  /** How large the window shows things, in percent, once keys have asked for it. */
  zoom = $state<number | null>(null);
  /** Calls that go on while somebody wants to quit; null while nobody does. */
  quitting = $state.raw<LiveCall[] | null>(null);
  /** What copied URLs of the chosen instance start with. */
  base = $derived(this.instances.isLocal ? this.server.base : this.instances.current.url);

  constructor() {
    window.addEventListener('hashchange', () => this.#routed());
    this.live.listen((instanceId, event) => {
      const resync = event.event === 'resync';
      if (instanceId === LOCAL_ID && (event.event === 'settings' || resync)) void this.server.load();
      if (instanceId !== this.instances.currentId) return;
      // A server that could not start resumes by itself, and so does the window.
      if (resync && this.connectError !== null) {
        void this.connect();
        return;
      }
      if (event.event === 'agent' || resync) void this.#agentsChanged();
      if (event.event === 'telephony' || resync) void this.fire.telephony.load(instanceId);
    });
  }

  async start(): Promise<void> {
    await this.session.start();
    if (this.session.state !== 'signed-in') return;
    const known = this.instances.load().catch((error: unknown) => (this.connectError = error));
    // Looking for other instances' keys can take a while; this computer needs none of them.
    if (!this.instances.startsHere) await known;
    this.live.watch(LOCAL_ID);
    this.desk.refresh();
    await Promise.all([this.server.load(), this.connect()]);
    transport.listen((message) => void this.#told(message));
    transport.ready();
  }

  /** The program around the window wants something. Its calls are this computer's. */
  async #told(message: ShellMessage): Promise<void> {
    switch (message.kind) {
      case 'prefill':
        this.prefill(message.number);
        break;
      case 'quit-asked':
        this.quitting = message.calls;
        break;
      case 'show-run':
        if (!this.instances.isLocal) await this.choose(LOCAL_ID);
        this.go({ page: 'run', id: message.run_id, agent: null });
        break;
      case 'fire-again':
        if (!this.instances.isLocal) await this.choose(LOCAL_ID);
        await this.fireAgain(await readRun(LOCAL_ID, message.run_id));
        break;
    }
  }

  async choose(instanceId: string): Promise<void> {
    const before = this.instances.currentId;
    if (before !== LOCAL_ID && before !== instanceId) this.live.unwatch(before);
    this.instances.choose(instanceId);
    this.agents.use(instanceId);
    this.fire.leave(instanceId);
    this.go({ page: 'fire', agent: null });
    await this.connect();
  }

  /** Reads everything the chosen instance shows. */
  async connect(): Promise<void> {
    const id = this.instances.currentId;
    this.connectError = null;
    try {
      const recognised = this.instances.recognise();
      // What this computer is needs no answer before the rest is asked for.
      const ours = id === LOCAL_ID || (await recognised).product === 'switchhook';
      if (id !== this.instances.currentId) return;
      if (ours) this.live.watch(id);
      await Promise.all([recognised, this.agents.load(id), this.fire.use(id, ours)]);
      if (id !== this.instances.currentId) return;
      this.#useRuns();
      this.#routed();
    } catch (error) {
      if (id === this.instances.currentId) this.connectError = error;
    }
  }

  async removeInstance(id: string): Promise<void> {
    this.live.unwatch(id);
    await this.instances.remove(id);
    await this.choose(this.instances.currentId);
  }

  /** Closes an overlay unless another one took its place meanwhile. */
  closeOverlay(overlay: App['overlay']): void {
    if (this.overlay === overlay) this.overlay = null;
  }

  go(route: Route): void {
    location.hash = href(route);
  }

  chooseTarget(key: string): void {
    this.go({ page: 'fire', agent: key });
  }

  /** A number from outside: it is put on the form, and dialled by a person or by nobody. */
  prefill(number: string): void {
    this.go({ page: 'fire', agent: this.fire.target?.key ?? null });
    this.fire.leaveRun();
    this.fire.number.set(number);
    this.notices.say(w.fire.prefilled(number));
    this.shortcuts.whenOffered('number');
  }

  async copyUrl(mode: Mode): Promise<void> {
    const route = this.fire.routeOf(mode);
    if (this.base === null || route === null) {
      this.notices.show(this.base === null ? w.fire.noBase : w.fire.noTrigger, 'error');
      return;
    }
    try {
      await transport.copyText(this.base + route);
      this.notices.show(w.fire.copiedUrl(mode), mode);
    } catch {
      this.notices.show(w.common.copyFailed, 'error');
    }
  }

  async fireAgain(run: Run): Promise<void> {
    const target = this.agents.find(String(run.agent_id));
    if (!target) return;
    this.chooseTarget(target.key);
    await this.fire.again(run, target);
    this.fire.leaveRun();
  }

  #useRuns(): void {
    this.runs.use({
      instanceId: this.instances.currentId,
      ours: this.instances.profile?.product === 'switchhook',
      agents: this.agents.targets.flatMap((t) => (t.agent ? [t.agent] : [])),
    });
  }

  async #agentsChanged(): Promise<void> {
    await this.agents.load(this.instances.currentId);
    await this.fire.reread();
  }

  async reloadAgents(): Promise<void> {
    await this.#agentsChanged();
    this.#routed();
  }

  #routed(): void {
    this.route = parseRoute(location.hash);
    // The card of an ended call has been seen when one goes elsewhere.
    this.desk.dismiss();
    if (this.route.page !== 'fire') return;
    const kept = memory.get(`agent.${this.instances.currentId}`);
    const target =
      this.agents.find(this.route.agent) ??
      this.agents.find(this.fire.target?.key ?? null) ??
      this.agents.find(kept) ??
      this.agents.targets[0];
    if (!target) return;
    memory.set(`agent.${this.instances.currentId}`, target.key);
    void this.fire.choose(target);
  }
}
