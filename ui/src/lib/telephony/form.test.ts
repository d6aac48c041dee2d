import { describe, expect, it } from 'vitest';
import { ApiError } from '$lib/api/http';
import type { ProviderField } from '$lib/api/telephony';
import { configOf, isAsked, startingValues, whatIsWrong, wrongFields } from './form';

function field(name: string, more: Partial<ProviderField> = {}): ProviderField {
  return { name, label: name, type: 'text', required: true, sensitive: false, ...more };
}

const SID = field('account_sid', { sensitive: true });
const TOKEN = field('auth_token', { type: 'password', sensitive: true });
const AMD = field('amd_enabled', { type: 'checkbox', required: false });
const BASE = field('base_url', { required: false });
const PBX = field('pbx.type', { type: 'select', required: false });
const PBX_URL = field('pbx.api.url', { visible_when: { field: 'pbx.type', equals: 'vicidial' } });

describe('what a form sends', () => {
  it('sends masks back as they came and leaves out what was left empty', () => {
    const fields = [SID, TOKEN, AMD, BASE];
    const stored = { account_sid: '****1234', auth_token: '****cdef', amd_enabled: true, base_url: null };
    const values = startingValues(fields, stored);
    expect(configOf('twilio', fields, { ...values, auth_token: ' new ' }, stored)).toEqual({
      provider: 'twilio',
      account_sid: '****1234',
      auth_token: 'new',
      amd_enabled: true,
    });
  });

  it('keeps what is stored but not in the form, and takes away what was emptied', () => {
    const stored = { base_url: 'https://a.example', pbx: { timeout: 8, api: { source: 'x', url: null } } };
    const values = { ...startingValues([BASE], stored), base_url: '' };
    expect(configOf('ari', [BASE], values, stored)).toEqual({
      provider: 'ari',
      pbx: { timeout: 8, api: { source: 'x' } },
    });
  });

  it('builds objects of dotted names, while they are asked for', () => {
    const fields = [PBX, PBX_URL];
    const values = { 'pbx.type': 'vicidial', 'pbx.api.url': 'https://v.example' };
    expect(isAsked(PBX_URL, values)).toBe(true);
    const config = configOf('ari', fields, values, {});
    expect(config).toEqual({ provider: 'ari', pbx: { type: 'vicidial', api: { url: 'https://v.example' } } });
    const without = { ...values, 'pbx.type': '' };
    expect(isAsked(PBX_URL, without)).toBe(false);
    expect(configOf('ari', fields, without, config)).toEqual({ provider: 'ari' });
  });

  it('starts a choice that has to be made with the usual one, and keeps a stored one', () => {
    const options = [
      { value: 'udp', label: 'UDP' },
      { value: 'tls', label: 'TLS' },
    ];
    const transport = field('transport', { type: 'select', options });
    expect(startingValues([transport, PBX], {})).toMatchObject({ transport: 'udp', 'pbx.type': '' });
    expect(startingValues([transport], { transport: 'tls' })).toMatchObject({ transport: 'tls' });
  });

  it('never sends what is only shown', () => {
    const shown = field('app', { type: 'readonly', required: false });
    expect(configOf('ari', [shown], { app: 'dograh_1' }, {})).toEqual({ provider: 'ari' });
  });

  it('sends limits as numbers, and none where none is set', () => {
    const stored = { ringing_timeout_seconds: 30, concurrent_calls: 2 };
    const values = { ...startingValues([], stored), concurrent_calls: '' };
    expect(configOf('desk_phone', [], values, stored)).toEqual({
      provider: 'desk_phone',
      ringing_timeout_seconds: 30,
    });
  });
});

describe('what is wrong', () => {
  it('misses required fields that are asked for, and limits that do not fit', () => {
    const values = { account_sid: '', 'pbx.type': '', 'pbx.api.url': '', ringing_timeout_seconds: '301' };
    expect(Object.keys(whatIsWrong(' ', [SID, PBX, PBX_URL], values)).toSorted()).toEqual([
      'account_sid',
      'name',
      'ringing_timeout_seconds',
    ]);
  });

  it('finds the field of each item of a 422', () => {
    const error = new ApiError(422, 'invalid-request', '', [
      { loc: ['body', 'name'], msg: 'String should have at most 64 characters', type: 'string_too_long' },
      { loc: ['body', 'config', 'ari', 'pbx', 'api', 'url'], msg: 'Field required', type: 'missing' },
      { loc: ['body', 'config', 'ari', 'x'], msg: 'Value error, enter it again', type: 'value_error' },
    ]);
    expect(wrongFields(error, ['name', 'pbx.api.url', 'x'])).toEqual({
      name: 'String should have at most 64 characters.',
      'pbx.api.url': 'Fill this in.',
      x: 'Enter it again.',
    });
    expect(wrongFields(error, ['name'])).toBeNull();
  });

  it('knows a taken name by its code, and nothing else by its text', () => {
    expect(wrongFields(new ApiError(409, 'name-taken', 'x'), [])).toHaveProperty('name');
    expect(wrongFields(new ApiError(409, 'number-taken', 'name already exists'), ['name'])).toBeNull();
  });
});
