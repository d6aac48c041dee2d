/**
 * The calls that make, change and publish agents: one function each, the instance first. Reading the
 * agents that can be fired is in `client`, because every page needs it and only one edits.
 */
import { ApiError, send, type Sent } from './http';
import { route } from './routes';
import type { components } from './schema';
import type { AgentListItem, AgentVersion, Definition } from './types';

type Schemas = components['schemas'];

export type AgentStatus = 'active' | 'archived';
export type AgentListed = AgentListItem & { total_runs?: number };
export type VersionDiff = Schemas['VersionDiff'];
export type NodeDiff = Schemas['NodeDiff'];
export type EdgeDiff = Schemas['EdgeDiff'];
export type MemberDiff = Schemas['MemberDiff'];
export type Trigger = Schemas['Trigger'];
export type DefinitionProblem = Schemas['WorkflowError'];
export type Imported = Schemas['AgentImported'];
export type NodeSpec = Schemas['NodeSpec'];
export type PropertySpec = Schemas['PropertySpec'];

export interface Agent {
  id: number;
  name: string;
  status: string;
  workflow_uuid?: string | null;
  workflow_definition: Definition;
}

/** A version as the list tells it, newest first. */
export type ListedVersion = AgentVersion & { created_at: string; published_at?: string | null };

async function ask<T>(instanceId: string, path: string, sent: Sent = {}): Promise<T> {
  return (await send(instanceId, path, sent)).json<T>();
}

export function listAgentsOf(instanceId: string): Promise<AgentListed[]> {
  return ask(instanceId, route('/api/v1/workflow/fetch', {}));
}

export function createAgent(instanceId: string, name: string, definition: Definition): Promise<Agent> {
  const body = { name, workflow_definition: definition };
  return ask(instanceId, route('/api/v1/workflow/create/definition', {}), { method: 'POST', body });
}

/** Takes the text of a file as it is; the server says what is wrong with it. */
export function importAgent(instanceId: string, text: string): Promise<Imported> {
  return ask(instanceId, route('/api/switchhook/agents/import', {}), { method: 'POST', body: text });
}

/** The text of the file, as it is saved. */
export async function exportAgent(instanceId: string, id: number): Promise<string> {
  const path = route('/api/switchhook/agents/{agent_id}/export', { agent_id: id });
  return (await send(instanceId, path)).text;
}

export function getAgent(instanceId: string, id: number): Promise<Agent> {
  return ask(instanceId, route('/api/v1/workflow/fetch/{workflow_id}', { workflow_id: id }));
}

export function listAllVersions(instanceId: string, id: number): Promise<ListedVersion[]> {
  return ask(instanceId, route('/api/v1/workflow/{workflow_id}/versions', { workflow_id: id }));
}

/** The name changes at once, the definition in the draft, which is made where there is none. */
export function changeAgent(
  instanceId: string,
  id: number,
  change: { name?: string; workflow_definition?: Definition },
): Promise<Agent> {
  const path = route('/api/v1/workflow/{workflow_id}', { workflow_id: id });
  return ask(instanceId, path, { method: 'PUT', body: change });
}

export function setAgentStatus(instanceId: string, id: number, status: AgentStatus): Promise<Agent> {
  const path = route('/api/v1/workflow/{workflow_id}/status', { workflow_id: id });
  return ask(instanceId, path, { method: 'PUT', body: { status } });
}

export function duplicateAgent(instanceId: string, id: number): Promise<Agent> {
  const path = route('/api/v1/workflow/{workflow_id}/duplicate', { workflow_id: id });
  return ask(instanceId, path, { method: 'POST' });
}

/** What keeps the draft from being published; empty when nothing does. */
export async function problemsOf(instanceId: string, id: number): Promise<DefinitionProblem[]> {
  const path = route('/api/v1/workflow/{workflow_id}/validate', { workflow_id: id });
  try {
    await send(instanceId, path, { method: 'POST' });
    return [];
  } catch (error) {
    // The verdict on what is wrong is the answer's error (contract §3.3).
    const problems = problemsIn(error);
    if (problems) return problems;
    throw error;
  }
}

/** The problems of a definition that a refusal names, or null when it names none. */
export function problemsIn(error: unknown): DefinitionProblem[] | null {
  if (!(error instanceof ApiError)) return null;
  const errors = (error.data as { errors?: unknown } | null)?.errors;
  return Array.isArray(errors) ? (errors as DefinitionProblem[]) : null;
}

export function publishAgent(instanceId: string, id: number): Promise<{ version_number: number }> {
  const path = route('/api/v1/workflow/{workflow_id}/publish', { workflow_id: id });
  return ask(instanceId, path, { method: 'POST' });
}

export function diffAgent(
  instanceId: string,
  id: number,
  sides: { before?: number | null; after?: number | null } = {},
): Promise<VersionDiff> {
  return ask(instanceId, route('/api/switchhook/agents/{agent_id}/diff', { agent_id: id }, sides));
}

export function discardDraft(instanceId: string, id: number): Promise<unknown> {
  const path = route('/api/switchhook/agents/{agent_id}/draft', { agent_id: id });
  return ask(instanceId, path, { method: 'DELETE' });
}

export function revertAgent(
  instanceId: string,
  id: number,
  version: number,
): Promise<{ version_number: number }> {
  const path = route('/api/switchhook/agents/{agent_id}/versions/{version_number}/revert', {
    agent_id: id,
    version_number: version,
  });
  return ask(instanceId, path, { method: 'POST' });
}

export async function listNodeTypes(instanceId: string): Promise<NodeSpec[]> {
  return (await ask<{ node_types: NodeSpec[] }>(instanceId, route('/api/v1/node-types', {}))).node_types;
}

export function getTrigger(instanceId: string, id: number): Promise<Trigger> {
  return ask(instanceId, route('/api/switchhook/agents/{agent_id}/trigger', { agent_id: id }));
}

/** A new path is made where none is given. */
export function addTrigger(instanceId: string, id: number, path: string | null): Promise<Trigger> {
  const address = route('/api/switchhook/agents/{agent_id}/trigger', { agent_id: id });
  return ask(instanceId, address, { method: 'POST', body: { trigger_path: path } });
}

/** The old URLs answer 404 from now on. */
export function rotateTrigger(instanceId: string, id: number, path: string | null): Promise<Trigger> {
  const address = route('/api/switchhook/agents/{agent_id}/trigger/rotate', { agent_id: id });
  return ask(instanceId, address, { method: 'POST', body: { trigger_path: path } });
}

export function disableTrigger(instanceId: string, id: number, reason: string): Promise<Trigger> {
  const address = route('/api/switchhook/agents/{agent_id}/trigger/disable', { agent_id: id });
  return ask(instanceId, address, { method: 'POST', body: { reason } });
}

export function enableTrigger(instanceId: string, id: number): Promise<Trigger> {
  const address = route('/api/switchhook/agents/{agent_id}/trigger/enable', { agent_id: id });
  return ask(instanceId, address, { method: 'POST' });
}
