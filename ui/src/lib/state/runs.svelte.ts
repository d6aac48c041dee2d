/** The run list of the chosen instance, live, and the number of calls that go on. */
import { listDograhRuns, listRuns } from '$lib/api/client';
import type { AgentListItem, RunSummary } from '$lib/api/types';
import { endsBefore, matches, startOfDay, type RunFilters } from '$lib/runs/filters';
import { coalesced, type Live } from './live.svelte';

/** The most that the server gives at once. */
const PAGE = 100;
/** A plain Dograh's pages. */
const DOGRAH_PAGE = 50;
/** So many pages are read without a match before a person is asked whether to go on. */
const MOST_PAGES = 12;
const POLL_MS = 2000;
const TYPING_MS = 220;

export interface RunSource {
  instanceId: string;
  ours: boolean;
  /** A plain Dograh lists runs per agent only. */
  agents: AgentListItem[];
}

export class Runs {
  /** Raw, because a hundred thousand rows that each are watched would be slow. */
  items = $state.raw<RunSummary[]>([]);
  loading = $state(true);
  loadingMore = $state(false);
  error = $state<unknown>(null);
  hasMore = $state(false);
  openCount = $state(0);

  agentId = $state<number | null>(null);
  /** Chosen to be compared, the one chosen first in front. */
  picked = $state.raw<number[]>([]);
  filters = $state.raw<RunFilters>({ mode: null, state: null, from: '', until: '' });
  /** Words to look for; the instance searches runs that are over. */
  words = $state('');
  filtered = $derived(this.items.filter((run) => matches(run, this.filters)));
  isFiltered = $derived(
    this.agentId !== null || this.words.trim() !== '' || Object.values(this.filters).some((value) => value),
  );

  readonly refresh: () => void;
  #source: RunSource | null = null;
  #nextBefore: number | null = null;
  #typing: ReturnType<typeof setTimeout> | undefined;
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
      this.filters = { mode: null, state: null, from: '', until: '' };
      this.words = '';
      this.picked = [];
      this.#pages = 0;
    }
    this.#source = source;
    if (!source.ours && this.agentId === null) this.agentId = source.agents[0]?.id ?? null;
    this.refresh();
  }

  /** Chooses a run or lets it go; of three the one chosen first goes. */
  pick(id: number): void {
    const others = this.picked.filter((one) => one !== id);
    this.picked = others.length < this.picked.length ? others : [...others, id].slice(-2);
  }

  filterAgent(id: number | null): void {
    this.agentId = id;
    this.#again();
  }

  filter(change: Partial<RunFilters>): void {
    this.filters = { ...this.filters, ...change };
    this.#again();
  }

  search(words: string): void {
    this.words = words;
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#again(), TYPING_MS);
  }

  clearFilters(): void {
    this.words = '';
    this.filters = { mode: null, state: null, from: '', until: '' };
    if (this.#source?.ours) this.agentId = null;
    this.#again();
  }

  #again(): void {
    this.items = [];
    this.loading = true;
    this.#nextBefore = null;
    this.#pages = 0;
    this.refresh();
  }

  /** What an instance of ours is asked. */
  #question() {
    const { mode, state, from, until } = this.filters;
    return {
      limit: PAGE,
      agentId: this.agentId,
      q: this.words.trim() || null,
      mode,
      state,
      createdFrom: moment(startOfDay(from)),
      createdBefore: moment(endsBefore(until)),
    };
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
    const question = this.#question();
    const [page, open] = await Promise.all([
      listRuns(source.instanceId, question),
      listRuns(source.instanceId, { limit: 100, open: true }),
    ]);
    if (source !== this.#source || JSON.stringify(question) !== JSON.stringify(this.#question())) return;
    this.openCount = open.runs.length;
    this.#merge(page.runs);
    if (this.items.length <= page.runs.length) this.#nextBefore = page.next_before;
    this.hasMore = this.#nextBefore !== null;
    if (this.filtered.length === 0 && this.hasMore) await this.loadMore();
  }

  async #refreshDograh(source: RunSource): Promise<void> {
    const agent = source.agents.find((a) => a.id === this.agentId);
    if (!agent) return;
    const page = await listDograhRuns(source.instanceId, agent, 1);
    if (source !== this.#source || agent.id !== this.agentId) return;
    this.#merge(page.runs);
    this.#pages = page.pages;
    this.#page = Math.max(1, Math.ceil(this.items.length / DOGRAH_PAGE));
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

  /** Reads on until there is something new to see, or for as many pages as a person would wait for. */
  async loadMore(): Promise<void> {
    const source = this.#source;
    if (!source || this.loadingMore) return;
    this.loadingMore = true;
    const shown = this.filtered.length;
    try {
      for (let pages = 0; pages < MOST_PAGES && this.hasMore && this.filtered.length === shown; pages += 1) {
        if (source.ours) await this.#moreOurs(source);
        else await this.#moreDograh(source);
        if (source !== this.#source) return;
      }
    } catch (error) {
      this.error = error;
    } finally {
      this.loadingMore = false;
    }
  }

  async #moreOurs(source: RunSource): Promise<void> {
    const asked = this.#nextBefore;
    const page = await listRuns(source.instanceId, { ...this.#question(), before: asked });
    // Somebody asked for another list in the meantime.
    if (source !== this.#source || asked !== this.#nextBefore) return;
    this.items = [...this.items, ...page.runs];
    this.#nextBefore = page.next_before;
    this.hasMore = page.next_before !== null;
  }

  /** Everything that the filters let through, read to its end; `onread` is told how many there are so far. */
  async all(onread: (count: number) => void): Promise<RunSummary[]> {
    while (this.hasMore) {
      const before = this.items.length;
      await this.loadMore();
      onread(this.filtered.length);
      if (this.error !== null || this.items.length === before) break;
    }
    return this.filtered;
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

function moment(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
