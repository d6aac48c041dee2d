/**
 * Reading recordings without the webview's codecs, which differ by system: WAV files of 16 bit PCM.
 * Only where the samples are and what they sound like together; playing is the player's.
 */

/** So many bytes of a file are enough for `readWav`. */
export const HEAD_BYTES = 4096;

export interface WavLayout {
  tracks: number;
  /** Samples a second, of each track. */
  rate: number;
  /** In bytes from the beginning of the file. */
  samplesFrom: number;
  /** Samples of each track. */
  frames: number;
}

/** Reads the beginning of a file; null where it is something else. */
export function readWav(bytes: Uint8Array): WavLayout | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const name = (at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (bytes.length < 12 || name(0) !== 'RIFF' || name(8) !== 'WAVE') return null;
  let form: { tracks: number; rate: number } | null = null;
  for (let at = 12; at + 8 <= bytes.length;) {
    const size = view.getUint32(at + 4, true);
    const body = at + 8;
    if (name(at) === 'fmt ' && body + 16 <= bytes.length) {
      // 1 is PCM; 0xFFFE says in a longer form what 1 says.
      const isPcm =
        [1, 0xfffe].includes(view.getUint16(body, true)) && view.getUint16(body + 14, true) === 16;
      const tracks = view.getUint16(body + 2, true);
      if (!isPcm || tracks === 0) return null;
      form = { tracks, rate: view.getUint32(body + 4, true) };
    } else if (name(at) === 'data') {
      return form && { ...form, samplesFrom: body, frames: Math.floor(size / (2 * form.tracks)) };
    }
    // Chunks begin at even bytes.
    at = body + size + (size % 2);
  }
  return null;
}

/** All tracks of some whole frames together, from -1 to 1. */
export function mix(bytes: Uint8Array, tracks: number): Float32Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const mixed = new Float32Array(Math.floor(bytes.length / (2 * tracks)));
  for (let frame = 0; frame < mixed.length; frame++) {
    let sum = 0;
    for (let track = 0; track < tracks; track++) sum += view.getInt16((frame * tracks + track) * 2, true);
    mixed[frame] = Math.max(-1, Math.min(1, sum / 32768));
  }
  return mixed;
}
