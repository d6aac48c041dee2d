import { describe, expect, it } from 'vitest';
import { snippet } from '$lib/snippets';
import { isMoreThanNumber, readPasted } from './pasted';

const VARIABLES = ['customer_name', 'appointment_date', 'user.name'];
const read = (text: string) => {
  const { kind, calls } = readPasted(text, VARIABLES);
  return [kind, ...calls.map((call) => [call.number, call.contextText.replace(/\s+/g, '')])];
};

describe('what a pasted text becomes', () => {
  it('is the call of the cURL command that this window copies', () => {
    const body = `{"phone_number":"+1 415","initial_context":{"n":12345678901234567890,"q":"O'Brien\\"x"}}`;
    expect(read(snippet('curl', { url: 'http://x', body }, ''))).toEqual([
      'curl',
      ['+1 415', `{"n":12345678901234567890,"q":"O'Brien\\"x"}`],
    ]);
  });

  it.each([
    [`curl -d "{\\"phone_number\\": \\"+1\\"}" http://x`, 'curl', ['+1', '{}']],
    [`curl http://x \\\n  --data='{"initial_context":{"a":1}}'`, 'curl', ['', '{"a":1}']],
    ['{"phone_number": "+1", "initial_context": {"a": 1.50}}', 'json', ['+1', '{"a":1.50}']],
    ['{"a": 1.50}', 'json', ['', '{"a":1.50}']],
    [
      '+14155550100,Jane,15 March',
      'table',
      ['+14155550100', '{"customer_name":"Jane","appointment_date":"15March"}'],
    ],
    ['Jane\t+1 415 555 0100', 'table', ['+1 415 555 0100', '{"customer_name":"Jane"}']],
  ] as [string, string, [string, string]][])('%j', (text, kind, call) => {
    expect(read(text)).toEqual([kind, call]);
  });

  it('is a call for every row of a table, by the names in its head', () => {
    const table =
      'Customer name;Phone;user.name;Plan type\n"Jane; ""J""";+14155550100;Jo;x\nBob;0301234567;;\n';
    expect(read(table)).toEqual([
      'table',
      ['+14155550100', '{"customer_name":"Jane;\\"J\\"","user":{"name":"Jo"},"Plan_type":"x"}'],
      ['0301234567', '{"customer_name":"Bob"}'],
    ]);
  });

  it.each(['', 'hello', 'curl http://x', '{"a": ', 'a,b'])('%j is nothing', (text) => {
    expect(readPasted(text, VARIABLES).kind).toBe('nothing');
  });

  it('tells a number from more', () => {
    expect(isMoreThanNumber('+1 415 555 0100')).toBe(false);
    expect(isMoreThanNumber('sip:bob@example.com')).toBe(false);
    expect(isMoreThanNumber('Jane\t+1 415')).toBe(true);
    expect(isMoreThanNumber('+1415,Jane')).toBe(true);
    expect(isMoreThanNumber('curl http://x')).toBe(true);
  });
});
