/** The sentence that says how a run ended: the server's own, or one made from a disposition. */
import type { RunSummary } from '$lib/api/types';
import { w } from '$lib/words';

export function endSentence(run: RunSummary): string {
  if (!run.is_completed) return w.runs.stillGoing;
  if (run.end?.sentence) return run.end.sentence;
  return w.dispositions[run.end?.code ?? ''] ?? w.dispositions.unknown ?? '';
}
