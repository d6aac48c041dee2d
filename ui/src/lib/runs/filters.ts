/** What the run list asks for. An instance of ours filters by it; a plain Dograh's list is filtered here. */
import type { Mode, RunState, RunSummary } from '$lib/api/types';

export interface RunFilters {
  mode: Mode | null;
  /** `open` and `ended` stand for several states. */
  state: 'open' | 'ended' | RunState | null;
  /** Days as a date field gives them, both inclusive; empty for none. */
  from: string;
  until: string;
}

/** The first moment of a day here, or null for none. */
export function startOfDay(day: string): number | null {
  const [year, month, date] = day.split('-').map(Number);
  if (!year || !month || !date) return null;
  return new Date(year, month - 1, date).getTime();
}

export function matches(run: RunSummary, { mode, state, from, until }: RunFilters): boolean {
  if (mode !== null && run.mode !== mode) return false;
  if (state === 'open' || state === 'ended') {
    if ((state === 'open') === run.is_completed) return false;
  } else if (state !== null && run.state !== state) {
    return false;
  }
  const at = Date.parse(run.created_at);
  const first = startOfDay(from);
  const last = startOfDay(until);
  if (first !== null && at < first) return false;
  return last === null || at < nextDay(last);
}

/** The first moment after a day here, or null for none. */
export function endsBefore(day: string): number | null {
  const start = startOfDay(day);
  return start === null ? null : nextDay(start);
}

/** Not 24 hours: a day in which the clocks change is longer or shorter. */
function nextDay(start: number): number {
  const day = new Date(start);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1).getTime();
}
