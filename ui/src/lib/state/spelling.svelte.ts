/**
 * Stored numbers as people read them aloud, in every country. How a country groups its numbers is known to the server
 * of this computer alone; each number is asked for once and remembered while the window is open. Until the answer is
 * here, and where there is none, the number stands as it is stored.
 */
import { SvelteMap } from 'svelte/reactivity';
import { checkDestination } from '$lib/api/client';
import { readableNumber as grouped } from '$lib/format';

const spellings = new SvelteMap<string, string>();
const asked = new Set<string>();
/** One question after the other: a long list is no reason for a hundred at once. */
let turn: Promise<void> = Promise.resolve();

export function readableNumber(number: string): string {
  const known = grouped(number);
  if (known !== number || !/^\+\d{6,15}$/.test(number)) return known;
  const spelling = spellings.get(number);
  if (spelling === undefined && !asked.has(number)) {
    asked.add(number);
    turn = turn.then(() => ask(number));
  }
  return spelling ?? number;
}

async function ask(number: string): Promise<void> {
  try {
    const { formatted } = await checkDestination(number, '', AbortSignal.timeout(5_000));
    if (formatted) spellings.set(number, formatted.replaceAll('-', ' '));
  } catch {
    asked.delete(number);
  }
}
