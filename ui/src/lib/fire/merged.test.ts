import { describe, expect, it } from 'vitest';
import { mergedRows } from './merged';

describe('the merged context', () => {
  it('has every value with its source, those of the request as they were typed', () => {
    const rows = mergedRows(
      [
        { name: 'clinic', value: { city: 'North' }, source: 'agent' },
        { name: 'trigger_mode', value: 'test', source: 'server' },
        { name: 'order', value: 12345678901234567000, source: 'request' },
        { name: 'provider', value: 'mine', source: 'dropped' },
      ],
      '{"order": 12345678901234567890, "provider": "mine"}',
    );
    expect(rows.map((row) => [row.path, row.value, row.source])).toEqual([
      ['clinic.city', 'North', 'agent'],
      ['trigger_mode', 'test', 'server'],
      ['order', '12345678901234567890', 'request'],
      ['provider', 'mine', 'dropped'],
    ]);
  });
});
