/**
 * The drawings of empty places, in a field of 96 by 72: parts of an old telephone. `still` is drawn in quiet ink,
 * `moves` in green: it is the part that a hand moves first.
 */
const RECEIVER =
  'M18 26c0-10 13-17 30-17s30 7 30 17c0 3-2 5-5 5h-5c-3 0-4-2-5-5-1-2-6-4-15-4s-14 2-15 4c-1 3-2 5-5 5h-5c-3 0-5-2-5-5z';
const LEVER = 'M34 34v4c0 6 5 10 11 10h6c6 0 11-4 11-10v-4M48 48v11M30 62h36';

export const DRAWINGS = {
  /** On the hook: nobody was called yet. */
  hook: { still: RECEIVER, moves: LEVER },
  /** A handset that is spoken into. */
  talk: {
    still:
      'M22 14c4-4 9-3 12 1l3 5c2 3 1 6-2 8-3 3-2 6 0 11s5 8 9 8c4-1 7 0 8 3l3 6c1 4-1 8-6 9-14 2-26-7-31-21-4-11-3-23 4-30z',
    moves: 'M56 20h24M56 31h16M62 42h18',
  },
  /** A plug beside its socket. */
  plug: {
    still: 'M64 20h12c5 0 8 3 8 8v16c0 5-3 8-8 8H64c-5 0-8-3-8-8V28c0-5 3-8 8-8zM66 32h8M66 41h8',
    moves:
      'M30 27h11c2 0 3 1 3 3v13c0 2-1 3-3 3H30c-6 0-10-4-10-9.5s4-9.5 10-9.5zM44 33h6M44 40h6M20 36.5c-8 0-12 5-12 12 0 9 8 13 18 13h40',
  },
  /** A key; its bow is a dial. */
  key: {
    still:
      'M34 18a18 18 0 1 1 0 36 18 18 0 0 1 0-36zM34 32a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM34 24v.1M24.6 30.6v.1M43.4 30.6v.1M25 42v.1M43 42v.1',
    moves: 'M52 36h34M76 36v10M84 36v7',
  },
  /** Something arrives at the lever. */
  arrives: { still: LEVER, moves: 'M48 8v26M39 25l9 9 9-9' },
  /** A dial looked through. */
  search: {
    still: 'M42 10a22 22 0 1 1 0 44 22 22 0 0 1 0-44zM42 19v.1M31 25v.1M53 25v.1M30 38v.1M54 38v.1M42 44v.1',
    moves: 'M58 48l18 16',
  },
  /** The receiver hangs from its cord: what was looked for is not here. */
  gone: {
    still: 'M24 10h36M42 10v7c0 6-8 5-8 11s8 5 8 11-4 5-4 8',
    moves:
      'M24 49c4-3 9-2 11 2 1 2 3 3 8 3s8 0 10-2c3-3 8-3 11 1 3 4 1 8-4 10-6 2-10 3-17 3s-13-1-18-4c-4-3-5-10-1-13z',
  },
} as const;

export type Drawing = keyof typeof DRAWINGS;
