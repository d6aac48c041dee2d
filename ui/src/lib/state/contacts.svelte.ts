/** Earlier calls to the number in the form, asked of the instance where it can search its runs. */
import { listRuns } from '$lib/api/client';
import type { RunSummary } from '$lib/api/types';

const MOST = 4;
/** The search finds the digits anywhere in a run, so that some of what it finds is about other numbers. */
const ASKED = 30;

export class Contacts {
  /** Newest first. */
  runs = $state.raw<RunSummary[]>([]);
  loading = $state(false);
  #number = '';

  /** `known` are runs that the window has read anyway; a plain Dograh's are all there is to know. */
  async look(instanceId: string, ours: boolean, number: string, known: RunSummary[]): Promise<void> {
    const to = (runs: RunSummary[]) => runs.filter((run) => run.destination === number);
    const kept = number === this.#number ? this.runs : [];
    this.#number = number;
    this.runs = number === '' ? [] : newest([...kept, ...to(known)]);
    this.loading = false;
    const digits = number.replace(/\D/g, '');
    if (!ours || digits.length < 4) return;
    this.loading = this.runs.length === 0;
    try {
      const found = await listRuns(instanceId, { q: digits, limit: ASKED });
      if (number !== this.#number) return;
      this.runs = newest([...this.runs, ...to(found.runs)]);
    } catch {
      // Earlier calls are a help, not a condition.
    }
    if (number === this.#number) this.loading = false;
  }
}

/** Each run once, as it was read last. */
function newest(runs: RunSummary[]): RunSummary[] {
  const each = new Map(runs.map((run) => [run.id, run]));
  return [...each.values()].toSorted((a, b) => b.id - a.id).slice(0, MOST);
}
