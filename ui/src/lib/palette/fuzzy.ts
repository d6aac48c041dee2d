/**
 * How well a few typed letters name something. Every word of the question must be found, its letters in
 * order; beginnings of words and letters side by side count more, so that `rem` finds a reminder first.
 */

export interface Match {
  score: number;
  /** Indexes into the label whose letters were meant. */
  at: number[];
}

const START = 10;
const ADJACENT = 6;
const LETTER = 1;
/** For each letter that was skipped between two found ones. */
const GAP = 0.4;
/** A word that is found beside the label counts less than in it. */
const BESIDE = 4;

/** The same letters without case and marks, as many as before. */
export function folded(text: string): string[] {
  return [...text].map((letter) => {
    const plain = letter.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();
    return plain === '' ? letter : plain;
  });
}

/** `null` when a word of the question is neither in the label nor in what is beside it. */
export function match(question: string, label: string, beside = ''): Match | null {
  const words = question
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  const letters = folded(label);
  const aside = folded(beside).join('');
  let score = 0;
  const at = new Set<number>();
  for (const word of words) {
    const found = inOrder(folded(word), letters);
    if (found) {
      score += found.score;
      found.at.forEach((index) => at.add(index));
    } else if (aside.includes(folded(word).join(''))) {
      score += BESIDE;
    } else {
      return null;
    }
  }
  // Of two that match alike the shorter one is meant.
  return { score: score - letters.length * 0.05, at: [...at].toSorted((a, b) => a - b) };
}

/** The best of the ways to find the letters in order, one for each place to begin. */
function inOrder(wanted: string[], letters: string[]): Match | null {
  let best: Match | null = null;
  for (let begin = 0; begin < letters.length; begin += 1) {
    if (letters[begin] !== wanted[0]) continue;
    const found = from(begin, wanted, letters);
    if (found && (!best || found.score > best.score)) best = found;
  }
  return best;
}

function from(begin: number, wanted: string[], letters: string[]): Match | null {
  const at: number[] = [];
  let score = 0;
  let next = begin;
  for (const letter of wanted) {
    const place = letters.indexOf(letter, next);
    if (place < 0) return null;
    const before = at.at(-1);
    const starts = place === 0 || !/[\p{L}\p{N}]/u.test(letters[place - 1] ?? '');
    if (before !== undefined && place === before + 1) score += ADJACENT;
    else if (starts) score += START;
    else score += LETTER;
    if (before !== undefined) score -= (place - before - 1) * GAP;
    at.push(place);
    next = place + 1;
  }
  // Scattered letters are no name of anything: half of them stand at a beginning or side by side.
  const good = at.filter((place, index) => {
    const starts = place === 0 || !/[\p{L}\p{N}]/u.test(letters[place - 1] ?? '');
    return starts || (index > 0 && at[index - 1] === place - 1);
  });
  return good.length * 2 >= at.length ? { score, at } : null;
}
