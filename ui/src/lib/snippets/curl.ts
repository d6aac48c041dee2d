/**
 * The exact request as a command for a shell. The key is a shell variable that stops the command when it
 * is not set, so that neither a clipboard nor a chat log ever holds one.
 */
import { KEY_VARIABLE, shellQuote, type TriggerRequest } from './request';

const KEY = `\${${KEY_VARIABLE}:?set it to an API key first}`;

export function curlSnippet(request: TriggerRequest): string {
  return [
    `curl --request POST ${shellQuote(request.url)}`,
    `  --header "X-API-Key: ${KEY}"`,
    `  --header 'Content-Type: application/json'`,
    `  --data-raw ${shellQuote(request.body)}`,
  ].join(' \\\n');
}

/** `--raw` sends the body as it is; HTTPie's own `name=value` pairs would round its big numbers. */
export function httpieSnippet(request: TriggerRequest): string {
  return [
    `http --ignore-stdin --check-status POST ${shellQuote(request.url)}`,
    `  "X-API-Key:${KEY}"`,
    `  Content-Type:application/json`,
    `  --raw ${shellQuote(request.body)}`,
  ].join(' \\\n');
}
