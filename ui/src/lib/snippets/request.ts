/** What every snippet is made of, and where it finds the key. */

/** The variable of the environment that a snippet reads the key from; without it nothing is sent. */
export const KEY_VARIABLE = 'SWITCHHOOK_API_KEY';

export interface TriggerRequest {
  url: string;
  /** The request body exactly as the window would send it. */
  body: string;
}

/** Quotes for a POSIX shell: inside single quotes only a single quote is special. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A text of JavaScript and Python alike: JSON's own, with the two line ends that are none in either. */
export function quote(text: string): string {
  return JSON.stringify(text)
    .replaceAll('\u2028', String.raw`\u2028`)
    .replaceAll('\u2029', String.raw`\u2029`);
}
