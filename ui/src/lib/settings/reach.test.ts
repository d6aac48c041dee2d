import { describe, expect, it } from 'vitest';
import { portOf, reachOf } from './reach';

const places = (listens: string | null, base: string | null, network: string | null = null) =>
  Object.fromEntries(
    reachOf(listens, network, base).map(({ place, reached, url }) => [place, [reached, url]]),
  );

describe('where the public listener is reached', () => {
  it('is this computer alone on a loopback address', () => {
    for (const url of ['http://127.0.0.1:4665', 'http://[::1]:4665', 'http://localhost:4665']) {
      expect(places(url, null)).toEqual({ here: ['yes', url], network: ['no', null], outside: ['no', null] });
    }
  });

  it('is the network too, readable by others, on any other address', () => {
    const url = 'http://192.168.1.5:4665';
    expect(places(url, null)).toMatchObject({ here: ['yes', url], network: ['plain', url] });
    expect(places('http://0.0.0.0:4665', null)).toMatchObject({
      here: ['yes', 'http://127.0.0.1:4665'],
      network: ['plain', null],
    });
    expect(places('http://0.0.0.0:4665', null, url)).toMatchObject({ network: ['plain', url] });
  });

  it('is outside through the base URL, safely only by https', () => {
    expect(places(null, 'https://calls.example.com')).toEqual({
      here: ['no', null],
      network: ['no', null],
      outside: ['yes', 'https://calls.example.com'],
    });
    expect(places(null, 'http://calls.example.com').outside?.[0]).toBe('plain');
  });

  it('names the port of a command', () => {
    expect(portOf('http://127.0.0.1:4700')).toBe('4700');
    expect(portOf(null)).toBe('4665');
  });
});
