import { describe, expect, it } from 'vitest';
import type { Run } from '$lib/api/types';
import { isSecretName, maskNumbers } from './redact';
import { runAsHtml } from './run-file';

const EVIL = '<script>alert(1)</script><img src=x onerror="alert(2)">\u202etxt';

const run = {
  id: 7,
  name: 'WR-TEST-7',
  agent_id: 1,
  agent_name: EVIL,
  version_number: 2,
  version_status: 'draft',
  mode: 'test',
  state: 'completed',
  is_completed: true,
  created_at: '2026-03-15T10:00:00Z',
  ended_at: '2026-03-15T10:00:20Z',
  destination: '+14155550123',
  caller_id: '+15550100199',
  provider: 'twilio',
  end: { code: 'callee-hung-up', sentence: 'The callee hung up.', side: 'callee', next: 'Nothing to do.' },
  noted_outcome: EVIL,
  note: 'Mobile: (415) 555-0144\nAsk again',
  draft_missing: false,
  telephony_configuration_id: 1,
  timeline: [{ at: '2026-03-15T10:00:00Z', state: 'queued', source: 'switchhook', note: EVIL }],
  transcript: [
    {
      at: '2026-03-15T10:00:02Z',
      offset_ms: 2000,
      speaker: 'callee',
      text: `My number is 415 555 0166 ${EVIL}`,
      node_id: 'a',
      kind: 'speech',
    },
  ],
  path: [{ node_id: 'a', node_name: EVIL, at: '', offset_ms: 2000 }],
  exchanges: [
    {
      at: '2026-03-15T10:00:01Z',
      last_at: '2026-03-15T10:00:01Z',
      times: 1,
      left_out: 0,
      attempt_id: 'a',
      kind: 'dial',
      target: 'POST /Calls.json',
      status: 201,
      took_ms: 12,
      note: null,
      request: [{ name: 'To', value: '+14155550123' }],
      reply: [],
    },
  ],
  attempts: [],
  initial_context_text: JSON.stringify({
    customer: { mobile: '+49 30 1234567', [EVIL]: EVIL },
    api_key: 'sk-hidden',
    day: '2026-03-17',
  }),
  gathered_context_text: '{}',
  raw_text: '',
} as unknown as Run;

describe('a run as a file', () => {
  it('has no script, no reference to elsewhere, and strangers’ texts as text', () => {
    const page = runAsHtml(run, { wholeNumbers: false, through: 'Desk phone' });
    const parsed = page.match(/<[a-z!/][^>]*>/gi) ?? [];
    const names = new Set(parsed.map((tag) => /^<\/?([a-z!0-9]+)/i.exec(tag)?.[1]?.toLowerCase()));
    const known = `!doctype html head meta title style body main h1 h2 p table tr th td section b i span br footer`;
    expect([...names].filter((name) => !known.split(' ').includes(name ?? ''))).toEqual([]);
    expect(page).toContain("default-src 'none'");
    expect(parsed.filter((tag) => /\s(?:on\w+|src|href|srcset|action)\s*=/i.test(tag))).toEqual([]);
    expect(page).not.toMatch(/url\(|@import|\u202e/);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  it('shows the last four digits of numbers only, wherever they stand', () => {
    const page = runAsHtml(run, { wholeNumbers: false, through: 'Desk phone' });
    for (const digits of ['415555', '415 555', '(415)', '123456', '555 010', 'sk-hidden'])
      expect(page, digits).not.toContain(digits);
    for (const rest of ['0123', '0144', '0166', '4567', '2026-03-17']) expect(page, rest).toContain(rest);
  });

  it('shows them whole when a person wants it, and names of secrets never', () => {
    const page = runAsHtml(run, { wholeNumbers: true, through: 'Desk phone' });
    expect(page).toContain('+1 415 555 0123');
    expect(page).toContain('(415) 555-0144');
    expect(page).not.toContain('sk-hidden');
  });

  it('tells how it ended, whose side it was and what to do', () => {
    const page = runAsHtml(run, { wholeNumbers: false, through: 'Desk phone' });
    for (const words of ['The callee hung up.', 'On the callee’s side.', 'Nothing to do.', 'callee-hung-up'])
      expect(page).toContain(words);
  });
});

describe('masking', () => {
  it.each([
    ['+14155550123', '+•••••••0123'],
    ['call (415) 555-0123 now', 'call (•••) •••-0123 now'],
    ['2026-03-15', '2026-03-15'],
    ['2026-03-15 4155550123', '2026-03-15 ••••••0123'],
    ['sip:jane.doe@example.com', 'sip:••••@example.com'],
    ['room 1204, 10:30', 'room 1204, 10:30'],
    ['٠١٢٣٤٥٦٧٨٩', '••••••٦٧٨٩'],
  ])('%s: %s', (text, expected) => {
    expect(maskNumbers(text)).toBe(expected);
  });

  it.each([
    ['customer.api_key', true],
    ['Password', true],
    ['access_token', true],
    ['customer.name', false],
  ])('%s is a secret’s name: %s', (path, expected) => {
    expect(isSecretName(path)).toBe(expected);
  });
});
