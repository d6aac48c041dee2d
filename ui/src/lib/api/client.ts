/**
 * The calls this window makes, one function each. Every function takes the instance first; what an
 * instance cannot do is decided by its capabilities before a call, not by catching its 404.
 */
import { ApiError, send, sendForPart } from './http';
import { LOCAL_ID } from './local';
import { route } from './routes';
import { dograhRun, dograhRunSummary, ourRun, type DograhRun } from './runs';
import type {
  AgentListItem,
  AgentVersion,
  ApiKey,
  Capabilities,
  CreatedApiKey,
  Definition,
  DeskCall,
  Destination,
  Mode,
  NewApiKey,
  PhoneNumber,
  Preview,
  RecordingPeaks,
  Run,
  RunState,
  RunSummary,
  ServerInfo,
  Settings,
  TelephonyConfiguration,
  TriggerReply,
} from './types';

/** Null for a plain Dograh, which has no such route. */
export async function capabilities(instanceId: string): Promise<Capabilities | null> {
  try {
    return (await send(instanceId, route('/api/switchhook/capabilities', {}))).json<Capabilities>();
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 405)) return null;
    throw error;
  }
}

export async function signIn(token: string): Promise<void> {
  await send(LOCAL_ID, route('/api/switchhook/sign-in', {}), { method: 'POST', body: { token } });
}

/** False when there is no session; other problems are thrown. */
export async function signedIn(): Promise<boolean> {
  try {
    await send(LOCAL_ID, route('/api/switchhook/session', {}));
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return false;
    throw error;
  }
}

export async function listAgents(instanceId: string): Promise<AgentListItem[]> {
  return (await send(instanceId, route('/api/v1/workflow/fetch', {}, { status: 'active' }))).json();
}

/** Newest first. */
export async function listVersions(instanceId: string, agentId: number): Promise<AgentVersion[]> {
  return (
    await send(
      instanceId,
      route('/api/v1/workflow/{workflow_id}/versions', { workflow_id: agentId }, { limit: 100 }),
    )
  ).json();
}

export async function listTelephonyConfigurations(instanceId: string): Promise<TelephonyConfiguration[]> {
  const reply = await send(instanceId, route('/api/v1/organizations/telephony-configs', {}));
  return reply.json<{ configurations: TelephonyConfiguration[] }>().configurations;
}

export async function listPhoneNumbers(instanceId: string, configurationId: number): Promise<PhoneNumber[]> {
  const reply = await send(
    instanceId,
    route('/api/v1/organizations/telephony-configs/{config_id}/phone-numbers', {
      config_id: configurationId,
    }),
  );
  return reply.json<{ phone_numbers: PhoneNumber[] }>().phone_numbers;
}

/** With the archived ones. */
export async function listApiKeys(instanceId: string): Promise<ApiKey[]> {
  return (await send(instanceId, route('/api/v1/user/api-keys', {}, { include_archived: true }))).json();
}

export async function createApiKey(instanceId: string, key: NewApiKey): Promise<CreatedApiKey> {
  return (await send(instanceId, route('/api/v1/user/api-keys', {}), { method: 'POST', body: key })).json();
}

export async function archiveApiKey(instanceId: string, id: number): Promise<void> {
  await send(instanceId, route('/api/v1/user/api-keys/{api_key_id}', { api_key_id: id }), {
    method: 'DELETE',
  });
}

export async function reactivateApiKey(instanceId: string, id: number): Promise<void> {
  const path = route('/api/v1/user/api-keys/{api_key_id}/reactivate', { api_key_id: id });
  await send(instanceId, path, { method: 'PUT' });
}

export async function serverInfo(instanceId: string): Promise<ServerInfo> {
  return (await send(instanceId, route('/api/switchhook/server', {}))).json();
}

export async function settings(instanceId: string): Promise<Settings> {
  return (await send(instanceId, route('/api/switchhook/settings', {}))).json();
}

export async function changeSettings(instanceId: string, change: Partial<Settings>): Promise<Settings> {
  return (
    await send(instanceId, route('/api/switchhook/settings', {}), { method: 'PUT', body: change })
  ).json();
}

/** Always asked of this computer: one engine, whichever instance will dial. */
export async function checkDestination(
  phoneNumber: string,
  provider: string,
  signal?: AbortSignal,
): Promise<Destination> {
  const body = { phone_number: phoneNumber, provider };
  return (
    await send(LOCAL_ID, route('/api/switchhook/destinations', {}), { method: 'POST', body, signal })
  ).json();
}

export interface PreviewQuestion {
  definition: Definition;
  templateVariables: Record<string, unknown> | null;
  /** A JSON object as text. */
  contextText: string;
  mode: 'test' | 'production';
  phoneNumber: string | null;
  callerNumber?: string | null;
  provider?: string | null;
}

/** Always asked of this computer, as `checkDestination`. */
export async function preview(question: PreviewQuestion, signal?: AbortSignal): Promise<Preview> {
  const head = JSON.stringify({
    workflow_definition: question.definition,
    template_context_variables: question.templateVariables,
    mode: question.mode,
    phone_number: question.phoneNumber,
    caller_number: question.callerNumber ?? null,
    provider: question.provider ?? null,
  });
  const body = `${head.slice(0, -1)},"initial_context":${question.contextText}}`;
  return (
    await send(LOCAL_ID, route('/api/switchhook/preview', {}), { method: 'POST', body, signal })
  ).json();
}

/** Fires. One call of this function is one request; it never repeats itself. */
export async function fire(
  instanceId: string,
  triggerRoute: string,
  body: string,
  idempotencyKey: string,
): Promise<TriggerReply> {
  const headers = { 'Idempotency-Key': idempotencyKey };
  return (await send(instanceId, triggerRoute, { method: 'POST', body, headers })).json();
}

export interface RunPage {
  runs: RunSummary[];
  next_before: number | null;
}

export interface RunQuery {
  limit?: number;
  before?: number | null;
  agentId?: number | null;
  open?: boolean;
  mode?: Mode | null;
  /** `open` and `ended` stand for several. */
  state?: 'open' | 'ended' | RunState | null;
  /** RFC 3339; the second is the first moment that is too late. */
  createdFrom?: string | null;
  createdBefore?: string | null;
  /** Words in what was said, in a context, a number or a note. */
  q?: string | null;
}

export async function listRuns(instanceId: string, query: RunQuery = {}): Promise<RunPage> {
  const { limit = 50, before, agentId, open, q, mode, state, createdFrom, createdBefore } = query;
  const path = route(
    '/api/switchhook/runs',
    {},
    {
      limit,
      before,
      agent_id: agentId,
      open: open || null,
      mode,
      state,
      created_from: createdFrom,
      created_before: createdBefore,
      q: q || null,
    },
  );
  return (await send(instanceId, path)).json();
}

export async function run(instanceId: string, id: number): Promise<Run> {
  return ourRun((await send(instanceId, route('/api/switchhook/runs/{run_id}', { run_id: id }))).text);
}

/** Changes what a person wrote about a run; what is left out stays, an empty text takes away. */
export async function changeRemark(
  instanceId: string,
  id: number,
  change: { noted_outcome?: string; note?: string },
): Promise<Run> {
  const reply = await send(instanceId, route('/api/switchhook/runs/{run_id}', { run_id: id }), {
    method: 'PATCH',
    body: change,
  });
  return ourRun(reply.text);
}

/** How loud a run's recording is in each of so many equal parts. */
export async function recordingPeaks(instanceId: string, id: number, parts: number): Promise<RecordingPeaks> {
  const path = route('/api/switchhook/runs/{run_id}/recording/peaks', { run_id: id }, { parts });
  return (await send(instanceId, path)).json();
}

/** Bytes of a run's recording, from one to before another. */
export function recordingPart(
  instanceId: string,
  id: number,
  from: number,
  to: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const path = route('/api/switchhook/runs/{run_id}/recording', { run_id: id });
  return sendForPart(instanceId, path, from, to);
}

export async function hangUpRun(instanceId: string, id: number): Promise<Run> {
  const reply = await send(instanceId, route('/api/switchhook/runs/{run_id}/hang-up', { run_id: id }), {
    method: 'POST',
    body: {},
  });
  return ourRun(reply.text);
}

/** One page of one agent's runs on a plain Dograh; `page` counts from 1. */
export async function listDograhRuns(
  instanceId: string,
  agent: AgentListItem,
  page: number,
): Promise<{ runs: RunSummary[]; pages: number }> {
  const reply = await send(
    instanceId,
    route('/api/v1/workflow/{workflow_id}/runs', { workflow_id: agent.id }, { page, limit: 50 }),
  );
  const body = reply.json<{ runs: DograhRun[]; total_pages: number }>();
  return { runs: body.runs.map((r) => dograhRunSummary(r, agent.name)), pages: body.total_pages };
}

/** The path's agent id is not compared with the run's (contract §5.2), so any will do. */
export async function dograhRunById(
  instanceId: string,
  agentId: number | null,
  id: number,
  agentName: string,
): Promise<Run> {
  const reply = await send(
    instanceId,
    route('/api/v1/workflow/{workflow_id}/runs/{run_id}', { workflow_id: agentId ?? 1, run_id: id }),
  );
  return dograhRun(reply.text, agentName);
}

export async function deskCalls(): Promise<DeskCall[]> {
  const reply = await send(LOCAL_ID, route('/api/switchhook/desk-phone/calls', {}));
  return reply.json<{ calls: DeskCall[] }>().calls;
}

export type DeskAct = 'answer' | 'decline' | 'hang-up' | 'say' | 'take-edge';

export async function deskAct(callId: string, act: DeskAct, body: object = {}): Promise<DeskCall> {
  const path = route(`/api/switchhook/desk-phone/calls/{call_id}/${act}`, { call_id: callId });
  return (await send(LOCAL_ID, path, { method: 'POST', body })).json();
}
