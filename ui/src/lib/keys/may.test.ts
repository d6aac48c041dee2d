import { describe, expect, it } from 'vitest';
import type { ApiKey } from '$lib/api/types';
import { keyMay } from './may';

const KEY: ApiKey = {
  id: 1,
  name: 'n8n',
  scope: 'trigger',
  agents: [],
  test_only: false,
  expires_at: null,
  key_prefix: 'dgr_abcd',
  is_active: true,
  created_at: '2026-11-01T10:00:00Z',
  last_used_at: null,
  archived_at: null,
};
const NOW = Date.parse('2026-11-21T12:00:00Z');
const says = (more: Partial<ApiKey>): string =>
  keyMay({ ...KEY, ...more }, (id) => (id === 7 ? 'Reminder' : ''), NOW);

describe('what a key may do', () => {
  it('is all agents, live and for ever unless it is limited', () => {
    expect(says({})).toBe('fires triggers');
    expect(says({ scope: 'manage' })).toBe('manages everything');
  });

  it('names one agent, and counts several or unknown ones', () => {
    expect(says({ agents: [7] })).toBe('fires triggers · only Reminder');
    expect(says({ agents: [7, 8] })).toBe('fires triggers · only 2 agents');
    expect(says({ agents: [9] })).toBe('fires triggers · only 1 agent');
  });

  it('says until when, and what is over', () => {
    expect(says({ test_only: true, expires_at: '2026-12-24T12:00:00Z' })).toBe(
      'fires triggers · test calls only · until Dec 24, 2026',
    );
    expect(says({ expires_at: '2026-11-20T12:00:00Z' })).toBe('fires triggers · expired');
    expect(says({ archived_at: '2026-11-20T12:00:00Z' })).toBe('fires triggers · archived Nov 20, 2026');
  });
});
