import { describe, expect, it } from 'vitest';
import { keyPlace } from './editor';

describe('where a name may be completed', () => {
  it.each([
    ['{', [], []],
    ['{ "a": 1, ', [], ['a']],
    ['{ "user": { "name": "x", ', ['user'], ['name']],
    ['{ "a": { "b": { ', ['a', 'b'], []],
    ['{ "a": [1, {}], ', [], ['a']],
    ['{ "a": "{ , ", ', [], ['a']],
  ])('%s', (text, path, taken) => {
    expect(keyPlace(text)).toEqual({ path, taken: new Set(taken) });
  });

  it.each(['', '{ "a": ', '{ "a": [', '{ "a": [{ ', '[', '{ "a" '])('not in %j', (text) => {
    expect(keyPlace(text)).toBeNull();
  });
});
