import { describe, expect, it } from 'vitest';
import { needsCountry, shownNumber, wasCompleted } from './numbers';

describe('numbers of a configuration', () => {
  it.each([
    ['020 7946 0900', true],
    ['(415) 555-0199', true],
    ['+44 20 7946 0900', false],
    ['1001', false],
    ['sip:alice@example.com', false],
    ['', false],
  ])('%j needs a country: %s', (address, needs) => {
    expect(needsCountry(address)).toBe(needs);
  });

  it('says how it was entered only where that differs from what is dialled', () => {
    expect(wasCompleted({ address: '020 7946 0900', address_normalized: '+442079460900' })).toBe(true);
    expect(wasCompleted({ address: '+44 20 7946-0900', address_normalized: '+442079460900' })).toBe(false);
  });

  it('reads as calls show it', () => {
    expect(shownNumber({ address: '(415) 555-0199', address_normalized: '+14155550199' })).toBe(
      '+1 415 555 0199',
    );
    expect(shownNumber({ address: '1001', address_normalized: '1001' })).toBe('1001');
  });
});
