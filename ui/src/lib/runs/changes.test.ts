import { describe, expect, it } from 'vitest';
import type { Run } from '$lib/api/types';
import { changesSince, type NextCall } from './changes';

const run = {
  destination: '+14155550100',
  mode: 'test',
  version_number: 2,
  telephony_configuration_id: 1,
  initial_context_text:
    '{"provider":"desk_phone","name":"Jane","order":12345678901234567890,"user":{"a":"1"}}',
} as Run;

const same: NextCall = {
  number: '+14155550100',
  contextText: '{ "user": {"a": "1"}, "order": 12345678901234567890, "name": "Jane" }',
  mode: 'test',
  versionNumber: 2,
  telephonyConfigurationId: 1,
};

describe('firing a run again', () => {
  it('changes nothing when it is the same call, in whatever order', () => {
    expect(changesSince(run, same)).toEqual([]);
  });

  it('tells every difference, also in the last digit of a big number', () => {
    const contextText = '{"name":"Ada","order":12345678901234567891,"new":true}';
    const next = { ...same, contextText, number: '+14155550101', versionNumber: 3 };
    expect(
      changesSince(run, next).map(({ what, before, after }) => [
        what.kind === 'context' ? what.path : what.kind,
        before,
        after,
      ]),
    ).toEqual([
      ['number', '+14155550100', '+14155550101'],
      ['version', 'v2', 'v3'],
      ['name', 'Jane', 'Ada'],
      ['order', '12345678901234567890', '12345678901234567891'],
      ['user.a', '1', null],
      ['new', null, 'true'],
    ]);
  });
});
