/**
 * A language that nobody speaks, for one test: English with accents and every word about half as long
 * again, so that a text which was not in the catalogue stands out and a place that is too narrow for other
 * languages shows. Only `vite build --mode pseudo` has it in it.
 */

/** Most languages need this much more room than English. */
const LONGER = 1.4;
const PLAIN = 'acdeghijklnorstuwyzACDEGHIJKLNORSTUWYZ';
const ACCENTED = 'áçðéğĥíĵķłñöřšţüŵýžÁÇÐÉĞĤÍĴĶŁÑÖŘŠŢÜŴÝŽ';
const VOWEL = /[aeiouyAEIOUY]/;
/** What a program reads: variables, addresses, names of settings. */
const WIRE = /\{\{.*?\}\}|https?:\/\/\S+|[\w.]+\/[\w./-]+|\b\w*[_{}]\w*\b/;

/** A whole catalogue; what its functions answer is lengthened too. */
export function lengthened<T>(words: T): T {
  return turned(words) as T;
}

function turned(value: unknown): unknown {
  if (typeof value === 'string') return sentence(value);
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value === 'function') {
    return (...args: unknown[]) => turned((value as (...args: unknown[]) => unknown)(...args));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, turned(inner)]));
  }
  return value;
}

function sentence(text: string): string {
  return text
    .split(new RegExp(`(${WIRE.source})`, 'g'))
    .map((part) => (WIRE.test(part) ? part : part.replaceAll(/[A-Za-z]+/g, word)))
    .join('');
}

/** Its vowels are said twice until it is long enough. */
function word(plain: string): string {
  let missing = Math.ceil(plain.length * LONGER) - plain.length;
  const letters = [...plain].map((letter) => {
    const accented = ACCENTED[PLAIN.indexOf(letter)] ?? letter;
    if (missing === 0 || !VOWEL.test(letter)) return accented;
    missing -= 1;
    return accented + accented.toLowerCase();
  });
  return letters.join('') + 'ö'.repeat(missing);
}
