import type { Mode } from '$lib/api/types';

/** Words of the request copied as something else. */
export const snippets = {
  more: 'Copy the request as something else',
  copyAs: (kind: string) => `Copy as ${kind}`,
  kinds: {
    curl: 'cURL',
    httpie: 'HTTPie',
    python: 'Python',
    javascript: 'JavaScript',
    n8n: 'n8n node',
  },
  notes: {
    curl: 'A command for a terminal',
    httpie: 'A shorter command, with HTTPie',
    python: 'Nothing to install',
    javascript: 'fetch, for Node.js',
    n8n: 'Paste it onto the canvas',
  },
  copied: (kind: string, mode: Mode) =>
    mode === 'test'
      ? `${kind} for the test URL copied. It reads the key from SWITCHHOOK_API_KEY.`
      : `${kind} for the production URL copied. It reads the key from SWITCHHOOK_API_KEY.`,
};
