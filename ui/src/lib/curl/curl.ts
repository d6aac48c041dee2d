/**
 * The exact request as a shell command. The key is a shell variable that stops the command when it
 * is not set, so that neither a clipboard nor a chat log ever holds one.
 */

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

export function curlSnippet(request: TriggerRequest): string {
  return [
    `curl --request POST ${shellQuote(request.url)}`,
    `  --header "X-API-Key: \${${KEY_VARIABLE}:?set it to an API key first}"`,
    `  --header 'Content-Type: application/json'`,
    `  --data-raw ${shellQuote(request.body)}`,
  ].join(' \\\n');
}
