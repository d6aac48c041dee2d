/** Outcomes to choose from: those a person used lately, then the ones that most people need. */
import type { RunSummary } from '$lib/api/types';

const MOST = 6;

export function outcomesToOffer(runs: readonly RunSummary[], usual: readonly string[]): string[] {
  const used = runs.flatMap((run) => (run.noted_outcome ? [run.noted_outcome] : []));
  return [...new Set([...used, ...usual])].slice(0, MOST);
}
