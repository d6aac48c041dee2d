/**
 * What changed between two texts, word by word, for people who read prompts: the longest common row
 * of words stays, the rest is taken away or put in.
 */

export interface Piece {
  change: 'same' | 'removed' | 'added';
  text: string;
}

/** Beyond this many comparisons two texts are shown whole, one after the other. */
const LARGEST = 1_000_000;

export function wordDiff(before: string, after: string): Piece[] {
  const a = before.match(/\s+|[^\s]+/g) ?? [];
  const b = after.match(/\s+|[^\s]+/g) ?? [];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (
    tail < a.length - head &&
    tail < b.length - head &&
    a[a.length - 1 - tail] === b[b.length - 1 - tail]
  ) {
    tail += 1;
  }
  const pieces: Piece[] = [];
  const push = (change: Piece['change'], text: string): void => {
    const last = pieces.at(-1);
    if (text === '') return;
    if (last?.change === change) last.text += text;
    else pieces.push({ change, text });
  };
  push('same', a.slice(0, head).join(''));
  middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail), push);
  push('same', a.slice(a.length - tail).join(''));
  return joined(pieces);
}

/** Changed words with only a space between them read as one change. */
function joined(pieces: Piece[]): Piece[] {
  const out: Piece[] = [];
  let [removed, added] = ['', ''];
  const close = (): void => {
    if (removed !== '') out.push({ change: 'removed', text: removed });
    if (added !== '') out.push({ change: 'added', text: added });
    [removed, added] = ['', ''];
  };
  for (const [at, { change, text }] of pieces.entries()) {
    if (change === 'removed') removed += text;
    else if (change === 'added') added += text;
    else if (text.trim() === '' && removed !== '' && added !== '' && pieces[at + 1]) {
      removed += text;
      added += text;
    } else {
      close();
      out.push({ change, text });
    }
  }
  close();
  return out;
}

function middle(a: string[], b: string[], push: (change: Piece['change'], text: string) => void): void {
  if (a.length * b.length > LARGEST) {
    push('removed', a.join(''));
    push('added', b.join(''));
    return;
  }
  const width = b.length + 1;
  // common[i, j]: how many words a[i..] and b[j..] share in order.
  const common = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number): number => common[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      push('same', a[i] ?? '');
      i += 1;
      j += 1;
    } else if (i < a.length && (j === b.length || at(i + 1, j) >= at(i, j + 1))) {
      push('removed', a[i] ?? '');
      i += 1;
    } else {
      push('added', b[j] ?? '');
      j += 1;
    }
  }
}
