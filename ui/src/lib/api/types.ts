/**
 * The shapes of the HTTP API as this window reads them: Dograh's under `/api/v1` (contract §2, §3,
 * §5, §6) and our own under `/api/switchhook`. Fields that a plain Dograh lacks are optional.
 */

export type VersionStatus = 'published' | 'draft' | 'archived';
export type Mode = 'test' | 'production';

export interface AgentListItem {
  id: number;
  name: string;
  status: string;
  created_at: string;
  workflow_uuid?: string | null;
  /** Ours only: the published version's trigger, else the draft's. */
  trigger_path?: string | null;
  published_version_number?: number | null;
  draft_version_number?: number | null;
}

export interface DefinitionNode {
  id: string;
  type: string;
  data: Record<string, unknown>;
}

export interface Definition {
  nodes: DefinitionNode[];
  edges: { id: string; source: string; target: string; data?: Record<string, unknown> }[];
}

export interface AgentVersion {
  id: number;
  version_number: number;
  status: VersionStatus;
  workflow_json: Definition;
  template_context_variables?: Record<string, unknown> | null;
}

export interface TelephonyConfiguration {
  id: number;
  name: string;
  provider: string;
  is_default_outbound: boolean;
  inactive?: boolean;
  inactive_reason?: string | null;
  is_ready_for_outbound?: boolean;
  outbound_blocked_reason?: string | null;
}

export interface PhoneNumber {
  id: number;
  telephony_configuration_id?: number;
  address: string;
  address_normalized?: string;
  label?: string | null;
  is_active: boolean;
  is_default_caller_id: boolean;
}

/** `trigger` fires and reads the runs it started; `manage` may do everything. */
export type Scope = 'trigger' | 'manage';

export interface ApiKey {
  id: number;
  name: string;
  scope: Scope;
  /** Ids of the agents it may fire; empty for all. */
  agents: number[];
  test_only: boolean;
  expires_at: string | null;
  key_prefix: string;
  is_active: boolean;
  created_at: string;
  last_used_at: string | null;
  archived_at: string | null;
}

export interface NewApiKey {
  name: string;
  scope: Scope;
  agents: number[];
  test_only: boolean;
  expires_at: string | null;
}

export interface CreatedApiKey {
  id: number;
  name: string;
  key_prefix: string;
  api_key: string;
  created_at: string;
}

export interface Capabilities {
  product: string;
  version: string;
  features: string[];
}

export interface ProblemAndFix {
  message: string;
  fix: string;
}

export interface Listener {
  url: string | null;
  /** By which other computers on the network reach it. */
  network_url: string | null;
  problem: ProblemAndFix | null;
}

export interface ServerInfo {
  version: string;
  workspace: { id: number; name: string };
  public: Listener;
  control: Listener;
  control_can_be_switched: boolean;
  /** Whether the person at the window may have triggers taken from the network, too. */
  network_can_be_switched: boolean;
  data_dir: string;
  secrets: { kind: 'keychain' | 'file' | 'none'; problem: ProblemAndFix | null };
  /** The database is damaged: it can be read, and nothing can be dialled or saved. */
  storage_problem: ProblemAndFix | null;
}

export interface Settings {
  concurrent_calls: number;
  requests_per_second: number | null;
  default_country: string | null;
  public_base_url: string | null;
  /** Whether the request inspector keeps bodies. */
  record_request_bodies: boolean;
  keep_request_bodies_hours: number | null;
  keep_runs_days: number | null;
}

export interface Destination {
  kind: 'phone' | 'sip-uri' | 'extension' | 'invalid';
  possible: boolean;
  valid: boolean;
  e164: string | null;
  formatted: string | null;
  country_code: string | null;
  line_type: string | null;
  message: string | null;
}

export interface PreviewSegment {
  text: string;
  variable: string | null;
  state: 'plain' | 'set' | 'fallback' | 'missing';
}

export interface PreviewVariable {
  name: string;
  state: 'set' | 'fallback' | 'missing';
  fallback: string | null;
  used_in: string[];
}

/** A name at the top of the context that a run would hold. */
export interface ContextEntry {
  name: string;
  value: unknown;
  source: 'request' | 'agent' | 'server' | 'dropped';
}

export interface Preview {
  greeting: { node_id: string; text: string; segments: PreviewSegment[] } | null;
  variables: PreviewVariable[];
  unused: string[];
  reserved: string[];
  context: ContextEntry[];
  nodes: { id: string; name: string; type: string }[];
}

export interface Warning {
  code: string;
  field: string;
  message: string;
}

export interface TriggerReply {
  status: string;
  workflow_run_id: number;
  workflow_run_name: string;
  mode?: Mode;
  version_number?: number;
  version_status?: VersionStatus;
  draft_missing?: boolean;
  warnings?: Warning[];
}

export type RunState =
  | 'queued'
  | 'dialing'
  | 'ringing'
  | 'in-progress'
  | 'completed'
  | 'busy'
  | 'no-answer'
  | 'failed'
  | 'canceled'
  | 'indeterminate';

export type Side = 'callee' | 'carrier' | 'switchhook' | 'caller' | 'unknown';

export interface RunEnd {
  code: string;
  sentence: string;
  side: Side;
  next: string | null;
  /** The telephone network's own codes, where it said why it did not put the call through. */
  cause?: string | null;
}

/** A row of the run list. Versions, mode and caller ID are null where an instance does not tell. */
export interface RunSummary {
  id: number;
  name: string;
  agent_id: number | null;
  agent_name: string;
  version_number: number | null;
  version_status: VersionStatus | null;
  mode: Mode | null;
  state: RunState;
  is_completed: boolean;
  created_at: string;
  ended_at: string | null;
  destination: string;
  caller_id: string | null;
  provider: string;
  end: RunEnd | null;
  /** What a person wrote about it; a plain Dograh has no place for that. */
  noted_outcome?: string | null;
  note?: string | null;
}

export interface TimelineEntry {
  at: string;
  state: string;
  source: 'switchhook' | 'carrier' | 'person';
  note: string | null;
}

export interface TranscriptLine {
  at: string;
  offset_ms: number | null;
  speaker: 'agent' | 'callee';
  text: string;
  node_id: string | null;
  kind: 'greeting' | 'prompt' | 'speech';
}

export interface Attempt {
  id: number | string;
  carrier_call_id: string | null;
  outcome: string | null;
}

/** A node that the conversation came to. */
export interface RunPathStep {
  node_id: string;
  node_name: string | null;
  at: string;
  offset_ms: number;
}

export interface ExchangeField {
  name: string;
  value: string;
}

/** A request to a carrier with its answer, or a callback; without any secret. */
export interface Exchange {
  at: string;
  last_at: string;
  /** How often it was repeated word for word. */
  times: number;
  left_out: number;
  attempt_id: string;
  kind: 'dial' | 'look-up' | 'hang-up' | 'callback';
  target: string;
  status: number | null;
  took_ms: number | null;
  note: string | null;
  request: ExchangeField[];
  reply: ExchangeField[];
}

/** What was said in a call: two tracks, of the callee and of the agent. */
export interface Recording {
  /** When it begins, in milliseconds after the run was created. */
  offset_ms: number;
  /** Null where the file is gone. */
  duration_ms: number | null;
  bytes: number;
  created_at: string;
  is_there: boolean;
}

/** Its time in equal parts, and how loud each is: 0 to 255. */
export interface RecordingPeaks {
  duration_ms: number;
  callee: number[];
  agent: number[];
}

export interface Run extends RunSummary {
  draft_missing: boolean;
  telephony_configuration_id: number | null;
  timeline: TimelineEntry[];
  transcript: TranscriptLine[];
  attempts: Attempt[];
  /** Ours only, as the three below. */
  path?: RunPathStep[];
  /** `caller`, `agent` or `server` by the names of the initial context. */
  context_sources?: Record<string, string>;
  exchanges?: Exchange[];
  /** Null where there is none, or none yet. */
  recording?: Recording | null;
  /** The contexts as the text they came in, so that big numbers stay what they are. */
  initial_context_text: string;
  /** The whole run as it came. */
  raw_text: string;
  gathered_context_text: string;
}

export interface DeskEdge {
  id: string;
  label: string;
  condition: string;
}

export interface DeskCall {
  id: string;
  run_id: number;
  state: 'ringing' | 'in-progress';
  from: string | null;
  to: string;
  agent: string;
  rang_at: string;
  node: { id: string; name: string } | null;
  edges: DeskEdge[];
}

/** States in which a call still goes on. */
export function isOpen(run: Pick<RunSummary, 'is_completed'>): boolean {
  return !run.is_completed;
}
