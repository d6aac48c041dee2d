/** A message in which a carrier's JSON may stand, as a person reads it. */

/** Where carriers put their own words (contract §14). */
const WORDS = ['message', 'detail', 'title', 'error'];

export function plain(message: string): string {
  const at = message.indexOf('{');
  if (at < 0) return message;
  try {
    const words = wordsIn(JSON.parse(message.slice(at)));
    return words === null ? message : message.slice(0, at) + words;
  } catch {
    return message;
  }
}

function wordsIn(body: unknown): string | null {
  if (typeof body !== 'object' || body === null) return null;
  const fields = body as Record<string, unknown>;
  for (const name of WORDS) {
    const words = fields[name];
    if (typeof words === 'string' && words !== '') return words;
  }
  return Array.isArray(fields.errors) ? wordsIn(fields.errors[0]) : null;
}
