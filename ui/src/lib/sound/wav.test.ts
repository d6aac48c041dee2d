import { describe, expect, it } from 'vitest';
import { mix, readWav } from './wav';

/** A file of two tracks at 8 kHz with these samples, and a chunk of an odd length before them. */
function wav(samples: number[], { bits = 16, form = 1 } = {}): Uint8Array {
  const bytes = new Uint8Array(56 + samples.length * 2);
  const view = new DataView(bytes.buffer);
  const text = (at: number, word: string): void => {
    for (let i = 0; i < word.length; i++) bytes[at + i] = word.charCodeAt(i);
  };
  text(0, 'RIFF');
  view.setUint32(4, bytes.length - 8, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, form, true);
  view.setUint16(22, 2, true);
  view.setUint32(24, 8000, true);
  view.setUint16(34, bits, true);
  text(36, 'LIST');
  view.setUint32(40, 3, true);
  text(48, 'data');
  view.setUint32(52, samples.length * 2, true);
  samples.forEach((sample, i) => view.setInt16(56 + i * 2, sample, true));
  return bytes;
}

describe('a recording', () => {
  it('says where its samples are', () => {
    expect(readWav(wav([1, 2, 3, 4]))).toEqual({ tracks: 2, rate: 8000, samplesFrom: 56, frames: 2 });
  });

  it('is read from a part of a larger buffer', () => {
    const file = wav([1, 2]);
    const larger = new Uint8Array(file.length + 7);
    larger.set(file, 7);
    expect(readWav(larger.subarray(7))?.frames).toBe(1);
  });

  it('is nothing else', () => {
    expect(readWav(wav([], { bits: 8 }))).toBeNull();
    expect(readWav(wav([], { form: 7 }))).toBeNull();
    expect(readWav(new TextEncoder().encode('RIFF'))).toBeNull();
    expect(readWav(new TextEncoder().encode('{"detail":"Workflow run not found"}'))).toBeNull();
  });

  it('is heard with both tracks, and never louder than can be', () => {
    const samples = wav([16384, -8192, 32767, 32767, -32768, -32768]).subarray(56);
    expect([...mix(samples, 2)]).toEqual([0.25, 1, -1]);
  });
});
