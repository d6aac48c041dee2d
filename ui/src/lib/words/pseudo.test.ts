import { describe, expect, it } from 'vitest';
import { lengthened } from './pseudo';
import { w } from './index';

describe('the language of the test', () => {
  it('makes every word longer and leaves what programs read alone', () => {
    const { plain, wire, made } = lengthened({
      plain: 'Fire test call',
      wire: 'Hello {{customer_name | there}}, see https://example.com/a',
      made: (count: number) => `${count} runs`,
    });
    expect(plain.length).toBeGreaterThanOrEqual('Fire test call'.length * 1.4);
    expect(plain).not.toMatch(/[aeiou]/);
    expect(wire).toContain('{{customer_name | there}}');
    expect(wire).toContain('https://example.com/a');
    expect(made(12)).toMatch(/^12 /);
  });

  it('is in no build but its own', () => {
    expect(w.fire.button('test')).toBe('Fire test call');
  });
});
