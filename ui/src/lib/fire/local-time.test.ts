import { describe, expect, it } from 'vitest';
import type { Destination } from '$lib/api/types';
import { localTime } from './local-time';

const at = new Date('2026-03-15T18:42:30Z');

function phone(country_code: string | null, e164: string): Destination {
  return { kind: 'phone', country_code, e164 } as Destination;
}

describe('the time where a number is', () => {
  it.each([
    ['GB', '+442079460018', '18:42', '18:42', false],
    ['DE', '+4930123456', '19:42', '19:42', false],
    ['IN', '+912212345678', '00:12', '00:12', true],
    ['US', '+14155550100', '11:42', '11:42', false],
    ['US', '+12125550100', '14:42', '14:42', false],
    ['CA', '+16045550100', '11:42', '11:42', false],
  ])('%s %s', (country, number, earliest, latest, night) => {
    expect(localTime(phone(country, number), at)).toMatchObject({ earliest, latest, night });
  });

  it('is a span where a country has several zones and the number does not tell', () => {
    const there = localTime(phone('AU', '+61491570006'), at);
    expect(there?.earliest).not.toBe(there?.latest);
    expect(localTime(phone('US', '+18005550100'), at)).toMatchObject({ byAreaCode: false });
  });

  it('says which answer comes from an area code', () => {
    expect(localTime(phone('US', '+14155550100'), at)?.byAreaCode).toBe(true);
    expect(localTime(phone('GB', '+442079460018'), at)?.byAreaCode).toBe(false);
  });

  it('says nothing where nothing is known', () => {
    expect(localTime(null, at)).toBeNull();
    expect(localTime(phone(null, '+882161234567'), at)).toBeNull();
    expect(localTime({ kind: 'extension', country_code: null } as Destination, at)).toBeNull();
  });
});
