import { describe, expect, it } from 'vitest';
import { problem } from './http';
import { dograhRun, ourRun } from './runs';

describe("a plain Dograh's run", () => {
  const raw = JSON.stringify({
    id: 5012,
    workflow_id: 33,
    name: 'WR-API-4821',
    mode: 'twilio',
    created_at: '2026-08-22T10:00:00Z',
    is_completed: true,
    usage_info: { call_duration_seconds: 41.5 },
    initial_context: { trigger_mode: 'production', called_number: '+14155550123', provider: 'twilio' },
    gathered_context: { call_id: 'CA1', call_disposition: 'no-answer' },
    logs: {
      telephony_status_callbacks: [{ status: 'ringing', timestamp: '2026-08-22T10:00:01Z' }],
      realtime_feedback_events: [
        { type: 'rtf-bot-text', payload: { text: 'Hello' }, timestamp: '2026-08-22T10:00:05Z' },
        {
          type: 'rtf-user-transcription',
          payload: { text: 'Hi', final: true },
          timestamp: '2026-08-22T10:00:07Z',
        },
        { type: 'rtf-user-transcription', payload: { text: 'H', final: false } },
      ],
    },
  });

  it('tells who was called, how it ended and what was said', () => {
    const run = dograhRun(raw, 'Reminder');
    expect(run).toMatchObject({
      agent_name: 'Reminder',
      mode: 'production',
      destination: '+14155550123',
      state: 'no-answer',
      ended_at: '2026-08-22T10:00:41.500Z',
      end: { code: 'no-answer' },
      attempts: [{ carrier_call_id: 'CA1' }],
    });
    expect(run.transcript.map((line) => [line.speaker, line.text, line.offset_ms])).toEqual([
      ['agent', 'Hello', 5000],
      ['callee', 'Hi', 7000],
    ]);
    expect(run.timeline.map((entry) => entry.state)).toEqual(['queued', 'ringing']);
  });
});

it('keeps the contexts of our runs as text', () => {
  const run = ourRun('{"id":1,"initial_context":{"n":12345678901234567890},"gathered_context":{}}');
  expect(run.initial_context_text).toBe('{"n":12345678901234567890}');
});

describe('an error body', () => {
  it('is read from ours, with code, request and run', () => {
    const text =
      '{"detail":"Failed to initiate call: no","code":"carrier-refused","request_id":"r1","workflow_run_id":7}';
    expect(problem(400, text)).toMatchObject({
      status: 400,
      code: 'carrier-refused',
      requestId: 'r1',
      runId: 7,
    });
  });

  it('is read from a list of fields', () => {
    const text =
      '{"detail":[{"type":"missing","loc":["body","phone_number"],"msg":"Field required","input":{}}]}';
    expect(problem(422, text)).toMatchObject({ code: null, detail: 'phone_number: Field required' });
  });

  it('is read when it is no JSON at all', () => {
    expect(problem(500, 'Internal Server Error')).toMatchObject({
      status: 500,
      detail: 'Internal Server Error',
    });
  });
});
