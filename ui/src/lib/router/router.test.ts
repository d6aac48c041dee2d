import { describe, expect, it } from 'vitest';
import { href, parseRoute, signInToken, type Route } from './router';

describe('the hash router', () => {
  it.each<Route>([
    { page: 'fire', agent: null },
    { page: 'fire', agent: '12' },
    { page: 'fire', agent: 'saved:a/b c' },
    { page: 'runs' },
    { page: 'run', id: 5012, agent: null },
    { page: 'run', id: 5012, agent: 33 },
    { page: 'compare', first: 7, second: 5012 },
    { page: 'agents' },
    { page: 'agent', id: 3, tab: 'steps', version: null },
    { page: 'agent', id: 3, tab: 'trigger', version: null },
    { page: 'agent', id: 3, tab: 'steps', version: 2 },
    { page: 'telephony', configuration: null },
    { page: 'telephony', configuration: 7 },
    { page: 'telephony', configuration: 'new' },
    { page: 'keys' },
    { page: 'settings' },
  ])('finds its way back to %j', (route) => {
    expect(parseRoute(href(route))).toEqual(route);
  });

  it.each(['', '#', '#/', '#/nowhere', '#/%E0%A4%A'])('%j is the Fire page', (hash) => {
    expect(parseRoute(hash)).toEqual({ page: 'fire', agent: null });
  });

  it('shows the list for a run that cannot be one', () => {
    expect(parseRoute('#/runs/abc')).toEqual({ page: 'runs' });
    expect(parseRoute('#/runs/compare/1')).toEqual({ page: 'runs' });
  });

  it('reads the sign-in token', () => {
    expect(signInToken('#sign-in=a%2Bb')).toBe('a+b');
    expect(signInToken('#/fire')).toBeNull();
  });
});
