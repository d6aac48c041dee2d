/**
 * Runs from either product in one shape. Ours come as they are; a plain Dograh's are read from what
 * it stores (contract §5): whether it is over, the dispositions, the feedback events.
 */
import { rawMember } from '$lib/json/context';
import type { Run, RunEnd, RunState, RunSummary, TimelineEntry, TranscriptLine } from './types';

export function ourRun(raw: string): Run {
  const run = JSON.parse(raw) as Run;
  return {
    ...run,
    initial_context_text: rawMember(raw, 'initial_context') ?? '{}',
    gathered_context_text: rawMember(raw, 'gathered_context') ?? '{}',
    raw_text: raw,
  };
}

interface FeedbackEvent {
  type: string;
  payload?: Record<string, unknown>;
  timestamp?: string;
  node_id?: string;
}

export interface DograhRun {
  id: number;
  workflow_id: number;
  name: string;
  mode: string;
  created_at: string;
  is_completed: boolean;
  initial_context?: Record<string, unknown> | null;
  gathered_context?: Record<string, unknown> | null;
  cost_info?: { call_duration_seconds?: number | null } | null;
  usage_info?: { call_duration_seconds?: number | null } | null;
  logs?: {
    realtime_feedback_events?: FeedbackEvent[];
    telephony_status_callbacks?: { status?: string; timestamp?: string }[];
  } | null;
}

/** Dispositions that say the call never became one (contract §5.5), with the state they mean. */
const STATE_OF_DISPOSITION: Record<string, RunState> = {
  busy: 'busy',
  'no-answer': 'no-answer',
  canceled: 'canceled',
  failed: 'failed',
  error: 'failed',
};

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function stateOf(run: DograhRun): RunState {
  if (!run.is_completed) return 'in-progress';
  const disposition = text(run.gathered_context?.call_disposition);
  return (disposition && STATE_OF_DISPOSITION[disposition]) || 'completed';
}

function endOf(run: DograhRun): RunEnd | null {
  if (!run.is_completed) return null;
  const disposition = text(run.gathered_context?.call_disposition) ?? 'unknown';
  // The sentence is made from the code by the window's own words; a Dograh has none.
  return { code: disposition, sentence: '', side: 'unknown', next: text(run.gathered_context?.error) };
}

function endedAt(run: DograhRun): string | null {
  const seconds = run.usage_info?.call_duration_seconds ?? run.cost_info?.call_duration_seconds;
  if (!run.is_completed || typeof seconds !== 'number') return null;
  const started = Date.parse(run.created_at);
  return Number.isNaN(started) ? null : new Date(started + seconds * 1000).toISOString();
}

export function dograhRunSummary(run: DograhRun, agentName: string): RunSummary {
  const context = run.initial_context ?? {};
  const mode = context.trigger_mode;
  return {
    id: run.id,
    name: run.name,
    agent_id: run.workflow_id,
    agent_name: agentName,
    version_number: null,
    version_status: null,
    mode: mode === 'test' || mode === 'production' ? mode : null,
    state: stateOf(run),
    is_completed: run.is_completed,
    created_at: run.created_at,
    ended_at: endedAt(run),
    destination: text(context.called_number) ?? text(context.phone_number) ?? '',
    caller_id: text(context.caller_number),
    provider: text(context.provider) ?? run.mode,
    end: endOf(run),
  };
}

export function dograhRun(raw: string, agentName: string): Run {
  const run = JSON.parse(raw) as DograhRun;
  const configuration = run.initial_context?.telephony_configuration_id;
  const callId = text(run.gathered_context?.call_id);
  return {
    ...dograhRunSummary(run, agentName),
    draft_missing: false,
    telephony_configuration_id: typeof configuration === 'number' ? configuration : null,
    timeline: timelineOf(run),
    transcript: transcriptOf(run),
    attempts: callId ? [{ id: run.id, carrier_call_id: callId, outcome: null }] : [],
    initial_context_text: rawMember(raw, 'initial_context') ?? '{}',
    gathered_context_text: rawMember(raw, 'gathered_context') ?? '{}',
    raw_text: raw,
  };
}

function timelineOf(run: DograhRun): TimelineEntry[] {
  const callbacks = run.logs?.telephony_status_callbacks ?? [];
  const created: TimelineEntry = { at: run.created_at, state: 'queued', source: 'switchhook', note: null };
  return [
    created,
    ...callbacks
      .filter((c) => c.status && c.timestamp)
      .map((c): TimelineEntry => ({
        at: c.timestamp ?? '',
        state: c.status ?? '',
        source: 'carrier',
        note: null,
      })),
  ];
}

function transcriptOf(run: DograhRun): TranscriptLine[] {
  const lines: TranscriptLine[] = [];
  const started = Date.parse(run.created_at);
  for (const event of run.logs?.realtime_feedback_events ?? []) {
    const callee = event.type === 'rtf-user-transcription' && event.payload?.final !== false;
    if (!callee && event.type !== 'rtf-bot-text') continue;
    const said = text(event.payload?.text);
    if (!said) continue;
    const at = event.timestamp ?? '';
    const offset = Date.parse(at) - started;
    lines.push({
      at,
      offset_ms: Number.isFinite(offset) && offset >= 0 ? offset : null,
      speaker: callee ? 'callee' : 'agent',
      text: said,
      node_id: event.node_id ?? null,
      kind: 'speech',
    });
  }
  return lines;
}
