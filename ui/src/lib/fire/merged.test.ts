import { describe, expect, it } from 'vitest';
import { mergedRows } from './merged';

const question = {
  mode: 'test' as const,
  contextText: '{"order": 12345678901234567890, "user": {"name": "Jo"}, "provider": "mine"}',
  defaults: { user: { name: 'Default', plan: 'x' }, clinic: 'North', direction: 'y' },
  facts: { called_number: '+1', trigger_mode: 'test' },
};

const brief = (mode: 'test' | 'production') =>
  mergedRows({ ...question, mode }).map((row) => [row.path, row.value, row.source]);

describe('the merged context', () => {
  it('has every value with its source, a name at the top as a whole', () => {
    expect(brief('test')).toEqual([
      ['order', '12345678901234567890', 'request'],
      ['user.name', 'Jo', 'request'],
      ['provider', 'mine', 'dropped'],
      ['clinic', 'North', 'agent'],
      ['called_number', '+1', 'server'],
      ['trigger_mode', 'test', 'server'],
    ]);
  });

  it('takes nothing from the agent in production', () => {
    expect(brief('production').map(([, , source]) => source)).not.toContain('agent');
  });
});
