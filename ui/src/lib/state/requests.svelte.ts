/**
 * What came in lately at an instance. Its list is in the server's memory and has no events of its
 * own, so it is asked for again every two seconds while the page is looked at.
 */
import { forgetRequests, listRequests, type RequestPage, type SeenRequest } from '$lib/api/requests';
import { changeSettings, settings } from '$lib/api/client';
import { coalesced } from './live.svelte';

const EVERY_MS = 2000;

export class Requests {
  page = $state.raw<RequestPage | null>(null);
  /** Those before the newest page, as far as they were asked for. */
  older = $state.raw<SeenRequest[]>([]);
  nextBefore = $state.raw<number | null>(null);
  keepsBodies = $state<boolean | null>(null);
  error = $state.raw<unknown>(null);
  readonly refresh = coalesced(() => this.load());

  constructor(readonly instanceId: string) {}

  get all(): SeenRequest[] {
    const newest = this.page?.requests ?? [];
    const last = newest.at(-1)?.id ?? Infinity;
    return [...newest, ...this.older.filter((request) => request.id < last)];
  }

  /** Answers the function that stops. */
  follow(): () => void {
    this.refresh();
    void this.loadSettings();
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') this.refresh();
    }, EVERY_MS);
    return () => clearInterval(timer);
  }

  async load(): Promise<void> {
    try {
      const page = await listRequests(this.instanceId);
      if (this.older.length === 0) this.nextBefore = page.next_before ?? null;
      this.page = page;
      this.error = null;
    } catch (error) {
      this.error = error;
    }
  }

  async loadOlder(): Promise<void> {
    if (this.nextBefore === null) return;
    try {
      const page = await listRequests(this.instanceId, this.nextBefore);
      this.older = [...this.older, ...page.requests];
      this.nextBefore = page.next_before ?? null;
    } catch (error) {
      this.error = error;
    }
  }

  async loadSettings(): Promise<void> {
    try {
      this.keepsBodies = (await settings(this.instanceId)).record_request_bodies;
    } catch (error) {
      this.error = error;
    }
  }

  async keepBodies(keep: boolean): Promise<void> {
    const changed = await changeSettings(this.instanceId, { record_request_bodies: keep });
    this.keepsBodies = changed.record_request_bodies;
    await this.load();
  }

  async forget(): Promise<void> {
    await forgetRequests(this.instanceId);
    this.older = [];
    this.nextBefore = null;
    await this.load();
  }
}
