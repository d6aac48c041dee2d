/** What a key may do, in one line. */
import type { ApiKey } from '$lib/api/types';
import { formatDate } from '$lib/format';
import { w } from '$lib/words';

/** `agentName` is empty for an agent that is not listed; `now` is in milliseconds. */
export function keyMay(key: ApiKey, agentName: (id: number) => string, now: number): string {
  const parts = [w.keys.scopes[key.scope].short];
  const [only] = key.agents;
  if (only !== undefined) {
    const name = key.agents.length === 1 ? agentName(only) : '';
    parts.push(name === '' ? w.keys.onlyAgents(key.agents.length) : w.keys.onlyAgent(name));
  }
  if (key.test_only) parts.push(w.keys.testOnlyShort);
  if (key.expires_at) {
    parts.push(Date.parse(key.expires_at) <= now ? w.keys.expired : w.keys.until(formatDate(key.expires_at)));
  }
  if (key.archived_at) parts.push(w.keys.archivedOn(formatDate(key.archived_at)));
  return parts.join(' · ');
}
