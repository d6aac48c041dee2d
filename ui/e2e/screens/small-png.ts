/**
 * A screenshot in a fraction of its size: at most 256 colours, which is what a window of flat surfaces and one kind of
 * ink needs. Reads what Chromium writes (8 bits a channel, not interlaced) and nothing else.
 */
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const MAGIC = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const MOST = 256;

interface Pixels {
  width: number;
  height: number;
  /** Red, green and blue of each pixel as one number, row by row. */
  colours: Uint32Array;
}

export function small(png: Buffer): Buffer {
  const { width, height, colours } = read(png);
  const palette = mostUsed(colours);
  const index = new Map(palette.map((colour, i) => [colour, i]));
  const rows = Buffer.alloc((width + 1) * height);
  colours.forEach((colour, at) => {
    let nearest = index.get(colour);
    if (nearest === undefined) index.set(colour, (nearest = nearestOf(palette, colour)));
    // Each row begins with its filter, which is none.
    rows[at + Math.floor(at / width) + 1] = nearest;
  });
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const table = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  const parts = [part('IHDR', head), part('PLTE', table), part('IDAT', deflateSync(rows, { level: 9 }))];
  return Buffer.concat([MAGIC, ...parts, part('IEND', Buffer.alloc(0))]);
}

function part(kind: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  const frame = Buffer.alloc(named.length + 8);
  frame.writeUInt32BE(data.length, 0);
  named.copy(frame, 4);
  frame.writeUInt32BE(crc32(named), named.length + 4);
  return frame;
}

function mostUsed(colours: Uint32Array): number[] {
  const counts = new Map<number, number>();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  return [...counts]
    .toSorted((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, MOST)
    .map(([colour]) => colour);
}

function nearestOf(palette: number[], colour: number): number {
  let [best, least] = [0, Infinity];
  palette.forEach((other, i) => {
    let far = 0;
    for (const shift of [16, 8, 0]) far += (((colour >> shift) & 255) - ((other >> shift) & 255)) ** 2;
    if (far < least) [best, least] = [i, far];
  });
  return best;
}

function read(png: Buffer): Pixels {
  const width = png.readUInt32BE(16);
  const height = png.readUInt32BE(20);
  const channels = { 2: 3, 6: 4 }[png[25] ?? 0];
  if (png[24] !== 8 || channels === undefined || png[28] !== 0)
    throw new Error('not a PNG as Chromium writes it');
  const data: Buffer[] = [];
  for (let at = 8; at < png.length; at += png.readUInt32BE(at) + 12) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      data.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const raw = inflateSync(Buffer.concat(data));
  const stride = width * channels;
  const rows = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y += 1) unfilter(raw, rows, y, stride, channels);
  const colours = new Uint32Array(width * height);
  colours.forEach((_, at) => {
    const from = at * channels;
    colours[at] = (rows.readUInt16BE(from) << 8) | (rows[from + 2] ?? 0);
  });
  return { width, height, colours };
}

/** One row, by the filter it begins with (PNG specification, 9.2). */
function unfilter(raw: Buffer, rows: Buffer, y: number, stride: number, channels: number): void {
  const filter = raw[y * (stride + 1)];
  for (let x = 0; x < stride; x += 1) {
    const at = y * stride + x;
    const left = x < channels ? 0 : (rows[at - channels] ?? 0);
    const up = y === 0 ? 0 : (rows[at - stride] ?? 0);
    const corner = x < channels || y === 0 ? 0 : (rows[at - stride - channels] ?? 0);
    const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter ?? 0] ?? 0;
    rows[at] = ((raw[y * (stride + 1) + 1 + x] ?? 0) + guess) & 255;
  }
}

function paeth(left: number, up: number, corner: number): number {
  const near = [left, up, corner].map((one) => Math.abs(left + up - corner - one));
  const [a = 0, b = 0, c = 0] = near;
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}
