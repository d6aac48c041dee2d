/**
 * Which numbers the number field offers. On the desk phone its own number comes first and the ones that
 * play an outcome come last, because nobody else's phone is behind them; between them are the numbers
 * that this instance called lately.
 */
import type { RunSummary } from '$lib/api/types';
import { formatDateTime, readableNumber } from '$lib/format';
import { digits } from '$lib/state/destination.svelte';
import { w } from '$lib/words';

/** Reserved for fiction, so that it can never ring a stranger. */
export const DESK_NUMBER = '+14155550100';

const MOST_RECENT = 6;

export interface Suggestion {
  /** As it is put into the field. */
  number: string;
  spelled: string;
  note: string;
}

function suggestion(number: string, note: string): Suggestion {
  return { number, spelled: readableNumber(number), note };
}

/**
 * `runs` are newest first. `typed` narrows the list to numbers that contain its digits; an empty text, or
 * one that is a whole number already, narrows nothing.
 */
export function suggestions(
  runs: RunSummary[],
  onDesk: boolean,
  typed: string,
  pins: string[] = [],
): Suggestion[] {
  const desk = onDesk ? [suggestion(DESK_NUMBER, w.fire.deskNumber)] : [];
  const outcomes = onDesk
    ? Object.entries(w.fire.deskNumbers).map(([number, note]) => suggestion(number, note))
    : [];
  const pinned = pins
    .filter((number) => !(onDesk && number === DESK_NUMBER))
    .map((number) => suggestion(number, w.pins.note));
  const offered = new Set([...desk, ...pinned, ...outcomes].map((s) => s.number));
  const recent: Suggestion[] = [];
  for (const run of runs) {
    if (recent.length === MOST_RECENT) break;
    if (run.destination === '' || offered.has(run.destination)) continue;
    offered.add(run.destination);
    recent.push(suggestion(run.destination, `${w.states[run.state]} · ${formatDateTime(run.created_at)}`));
  }
  const all = [...desk, ...pinned, ...recent, ...outcomes.filter((s) => !pins.includes(s.number))];
  const wanted = digits(typed).replace('+', '');
  return offered.has(digits(typed)) || wanted === ''
    ? all
    : all.filter((s) => digits(s.number).includes(wanted));
}
