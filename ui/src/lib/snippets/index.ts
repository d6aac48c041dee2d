/** The request in the form in front, as whatever a person wants to send it with. */
import { curlSnippet, httpieSnippet } from './curl';
import { n8nSnippet } from './n8n';
import { javascriptSnippet, pythonSnippet } from './programs';
import type { TriggerRequest } from './request';

export type SnippetKind = 'curl' | 'httpie' | 'python' | 'javascript' | 'n8n';

export const SNIPPET_KINDS: readonly SnippetKind[] = ['curl', 'httpie', 'python', 'javascript', 'n8n'];

export function snippet(kind: SnippetKind, request: TriggerRequest, agent: string): string {
  switch (kind) {
    case 'curl':
      return curlSnippet(request);
    case 'httpie':
      return httpieSnippet(request);
    case 'python':
      return pythonSnippet(request);
    case 'javascript':
      return javascriptSnippet(request);
    case 'n8n':
      return n8nSnippet(request, agent);
  }
}
