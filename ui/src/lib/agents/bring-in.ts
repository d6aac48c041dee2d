/** A file with an agent in it: read here as far as a person has to know what it is, and imported as it is. */
import { importAgent } from '$lib/api/agents';
import { w } from '$lib/words';

/** What the server takes for a whole request. */
const LARGEST = 1024 * 1024;

export interface AgentFile {
  text: string;
  name: string;
  /** How many steps it has, as far as it can be told. */
  steps: number | null;
}

/** Something that is no file with an agent in it; the message is for people. */
export class WrongFile extends Error {}

export async function readAgentFile(file: File): Promise<AgentFile> {
  if (file.size > LARGEST) throw new WrongFile(w.agents.tooLarge);
  const text = await file.text();
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    throw new WrongFile(w.agents.notAFile);
  }
  const whole = member(read);
  const definition = member(whole.workflow_definition ?? whole.definition ?? whole);
  const named = typeof whole.name === 'string' ? whole.name.trim() : '';
  return {
    text,
    name: named === '' ? file.name.replace(/\.json$/i, '') : named,
    steps: Array.isArray(definition.nodes) ? definition.nodes.length : null,
  };
}

/** Imports it and answers the new agent's id with what to say about it. */
export async function importFile(instanceId: string, file: AgentFile): Promise<{ id: number; said: string }> {
  const made = await importAgent(instanceId, file.text);
  const count = made.errors.length;
  const said = count === 0 ? w.agents.imported(made.name) : w.agents.importedUnfinished(made.name, count);
  return { id: made.agent_id, said };
}

function member(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
