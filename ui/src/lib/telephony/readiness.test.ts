import { describe, expect, it } from 'vitest';
import type { ConfigurationDetail, Provider } from '$lib/api/telephony';
import { fixOf, readiness } from './readiness';

const dialable = { can_dial: true } as Provider;

const step = (key: string, complete: boolean, blocks_outbound = true) => ({
  key,
  title: '',
  description: '',
  complete,
  blocks_outbound,
});

describe('readiness', () => {
  it.each([
    [{ inactive: false, is_ready_for_outbound: true }, dialable, 'ready'],
    [{ inactive: false, is_ready_for_outbound: false }, dialable, 'not-ready'],
    [{ inactive: true, is_ready_for_outbound: true }, dialable, 'out-of-use'],
    [{ inactive: false, is_ready_for_outbound: false }, { can_dial: false } as Provider, 'not-dialable'],
    // A plain Dograh does not say which providers it dials through.
    [{ inactive: false, is_ready_for_outbound: true }, {} as Provider, 'ready'],
    [{ inactive: false, is_ready_for_outbound: true }, undefined, 'ready'],
  ] as const)('of %j is told', (configuration, provider, is) => {
    expect(readiness(configuration, provider)).toBe(is);
  });

  it('leads to the first step that keeps calls back', () => {
    const fix = (...steps: ReturnType<typeof step>[]) =>
      fixOf({ setup_checklist: { ready_for_outbound: false, steps } } as ConfigurationDetail);
    expect(fix(step('trunk', false, false), step('sip_domain', true), step('caller_id', false))).toBe(
      'number',
    );
    expect(fix(step('sip_domain', false), step('caller_id', false))).toBe('settings');
    expect(fix(step('caller_id', true))).toBeNull();
    expect(fixOf({ setup_checklist: null } as ConfigurationDetail)).toBeNull();
  });
});
