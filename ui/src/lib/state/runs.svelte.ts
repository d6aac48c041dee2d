/** The run list of the chosen instance, live, and the number of calls that go on. */
import { listDograhRuns, listRuns } from '$lib/api/client';
import type { AgentListItem, Mode, RunSummary } from '$lib/api/types';
import { coalesced, type Live } from './live.svelte';

const PAGE = 50;
const POLL_MS = 2000;

export type StateFilter = 'open' | 'ended' | null;

export interface RunSource {
  instanceId: string;
  ours: boolean;
  /** A plain Dograh lists runs per agent only. */
  agents: AgentListItem[];
}

export class Runs {
  items = $state<RunSummary[]>([]);
  loading = $state(true);
  loadingMore = $state(false);
  error = $state<unknown>(null);
  hasMore = $state(false);
  openCount = $state(0);

  agentId = $state<number | null>(null);
  mode = $state<Mode | null>(null);
  state = $state<StateFilter>(null);
  filtered = $derived(this.items.filter((run) => this.#matches(run)));
  isFiltered = $derived(this.agentId !== null || this.mode !== null || this.state !== null);

  readonly refresh: () => void;
  #source: RunSource | null = null;
  #nextBefore: number | null = null;
  #page = 1;
  #pages = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(live: Live) {
    this.refresh = coalesced(() => this.#refresh());
    live.listen((instanceId, event) => {
      if (instanceId !== this.#source?.instanceId) return;
      if (event.event === 'run' || event.event === 'resync') this.refresh();
    });
  }

  use(source: RunSource): void {
    if (source.instanceId !== this.#source?.instanceId) {
      this.items = [];
      this.openCount = 0;
      this.loading = true;
      this.agentId = null;
      this.#pages = 0;
    }
    this.#source = source;
    if (!source.ours && this.agentId === null) this.agentId = source.agents[0]?.id ?? null;
    this.refresh();
  }

  filterAgent(id: number | null): void {
    this.agentId = id;
    this.items = [];
    this.loading = true;
    this.#pages = 0;
    this.refresh();
  }

  clearFilters(): void {
    this.mode = null;
    this.state = null;
    if (this.#source?.ours) this.filterAgent(null);
  }

  #matches(run: RunSummary): boolean {
    if (this.mode !== null && run.mode !== this.mode) return false;
    return this.state === null || (this.state === 'open') === !run.is_completed;
  }

  async #refresh(): Promise<void> {
    const source = this.#source;
    if (!source) return;
    clearTimeout(this.#timer);
    try {
      if (source.ours) await this.#refreshOurs(source);
      else await this.#refreshDograh(source);
      this.error = null;
    } catch (error) {
      if (source === this.#source) this.error = error;
    }
    if (source === this.#source) this.loading = false;
  }

  async #refreshOurs(source: RunSource): Promise<void> {
    const agentId = this.agentId;
    const [page, open] = await Promise.all([
      listRuns(source.instanceId, { limit: PAGE, agentId }),
      listRuns(source.instanceId, { limit: 100, open: true }),
    ]);
    if (source !== this.#source || agentId !== this.agentId) return;
    this.openCount = open.runs.length;
    this.#merge(page.runs);
    if (this.items.length <= page.runs.length) this.#nextBefore = page.next_before;
    this.hasMore = this.#nextBefore !== null;
  }

  async #refreshDograh(source: RunSource): Promise<void> {
    const agent = source.agents.find((a) => a.id === this.agentId);
    if (!agent) return;
    const page = await listDograhRuns(source.instanceId, agent, 1);
    if (source !== this.#source || agent.id !== this.agentId) return;
    this.#merge(page.runs);
    this.#pages = page.pages;
    this.#page = Math.max(1, Math.ceil(this.items.length / PAGE));
    this.hasMore = this.#page < this.#pages;
    this.openCount = this.items.filter((run) => !run.is_completed).length;
    if (this.openCount > 0) this.#timer = setTimeout(this.refresh, POLL_MS);
  }

  /** A fresh first page over what is already there: newer rows come, loaded older rows stay. */
  #merge(fresh: RunSummary[]): void {
    const known = new Set(fresh.map((run) => run.id));
    const oldest = fresh.at(-1)?.id ?? 0;
    this.items = [...fresh, ...this.items.filter((run) => !known.has(run.id) && run.id < oldest)];
  }

  async loadMore(): Promise<void> {
    const source = this.#source;
    if (!source || this.loadingMore) return;
    this.loadingMore = true;
    try {
      if (source.ours) {
        const page = await listRuns(source.instanceId, {
          limit: PAGE,
          before: this.#nextBefore,
          agentId: this.agentId,
        });
        this.items = [...this.items, ...page.runs];
        this.#nextBefore = page.next_before;
        this.hasMore = page.next_before !== null;
      } else {
        await this.#moreDograh(source);
      }
    } catch (error) {
      this.error = error;
    } finally {
      this.loadingMore = false;
    }
  }

  async #moreDograh(source: RunSource): Promise<void> {
    const agent = source.agents.find((a) => a.id === this.agentId);
    if (!agent) return;
    const page = await listDograhRuns(source.instanceId, agent, this.#page + 1);
    const known = new Set(this.items.map((run) => run.id));
    this.items = [...this.items, ...page.runs.filter((run) => !known.has(run.id))];
    this.#page += 1;
    this.hasMore = this.#page < page.pages;
  }
}
