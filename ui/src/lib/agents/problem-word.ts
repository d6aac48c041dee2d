/** A definition's problem in the window's words, by the field that is wrong; else in the server's. */
import type { DefinitionProblem } from '$lib/api/agents';
import { sentence } from '$lib/format';
import { w } from '$lib/words';

export function problemWord(problem: DefinitionProblem): string {
  return w.agent.problemOf[problem.field ?? ''] ?? sentence(problem.message);
}
