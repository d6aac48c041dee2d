/** The agents of the chosen instance, and the triggers saved for it by their URL. */
import { listAgents } from '$lib/api/client';
import type { AgentListItem } from '$lib/api/types';
import { transport, type SavedTrigger } from '$lib/transport';
import { LOCAL_ID } from '$lib/api/local';
import { parseTriggerUrl, type TriggerKind } from '$lib/trigger-url/trigger-url';

/** Something that can be fired: an agent, or a trigger known only by its URL. */
export interface Target {
  /** An agent's id, or `saved:` and the trigger's id; stable between starts. */
  key: string;
  name: string;
  agent: AgentListItem | null;
  saved: { id: SavedTrigger['id']; path: string; kind: TriggerKind } | null;
}

export class Agents {
  targets = $state<Target[]>([]);
  loading = $state(true);
  error = $state<unknown>(null);
  #instanceId = LOCAL_ID;

  /** Another instance's agents are not this one's, from the moment it is chosen. */
  use(instanceId: string): void {
    if (instanceId === this.#instanceId) return;
    this.#instanceId = instanceId;
    this.targets = [];
    this.loading = true;
    this.error = null;
  }

  async load(instanceId: string): Promise<void> {
    this.use(instanceId);
    this.loading = this.targets.length === 0;
    const [agents, saved] = await Promise.allSettled([
      listAgents(instanceId),
      instanceId === LOCAL_ID ? Promise.resolve([]) : transport.savedTriggers(instanceId),
    ]);
    if (instanceId !== this.#instanceId) return;
    this.targets = [
      ...(agents.status === 'fulfilled' ? agents.value.map(agentTarget) : []),
      ...(saved.status === 'fulfilled' ? saved.value.flatMap(savedTarget) : []),
    ];
    // A key that may only fire sees no agents; its saved triggers still work.
    this.error = agents.status === 'rejected' ? (agents.reason as unknown) : null;
    this.loading = false;
  }

  find(key: string | null): Target | null {
    return this.targets.find((t) => t.key === key) ?? null;
  }

  nameOf(agentId: number | null): string {
    return this.find(String(agentId))?.name ?? '';
  }
}

function agentTarget(agent: AgentListItem): Target {
  return { key: String(agent.id), name: agent.name, agent, saved: null };
}

function savedTarget(saved: SavedTrigger): Target[] {
  const parsed = parseTriggerUrl(saved.url);
  if (!parsed.ok) return [];
  const { path, kind } = parsed.trigger;
  return [{ key: `saved:${saved.id}`, name: saved.name, agent: null, saved: { id: saved.id, path, kind } }];
}
