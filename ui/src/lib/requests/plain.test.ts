import { expect, test } from 'vitest';
import { plain } from './plain';

test('a carrier’s own words stand without their JSON', () => {
  const said = 'Failed to initiate call: {"code":21211,"message":"Invalid To number","status":400}';
  expect(plain(said)).toBe('Failed to initiate call: Invalid To number');
  expect(plain('no: {"errors":[{"code":"10010","title":"Bad","detail":"Not allowed"}]}')).toBe(
    'no: Not allowed',
  );
});

test('what is no such JSON stays as it was said', () => {
  for (const said of ['Access denied', 'odd {brace', 'no words: {"code":1}', 'a list: {"errors":[]}'])
    expect(plain(said)).toBe(said);
});
