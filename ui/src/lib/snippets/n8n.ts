/**
 * The exact request as a node to paste onto an n8n canvas: an HTTP Request node whose body is sent as it is,
 * because n8n's own JSON body would round big numbers. Without the variable the header is empty, the server
 * answers 401, and the node stops the workflow; it never tries again by itself.
 */
import { KEY_VARIABLE, type TriggerRequest } from './request';

export function n8nSnippet(request: TriggerRequest, name: string): string {
  const node = {
    parameters: {
      method: 'POST',
      url: request.url,
      sendHeaders: true,
      headerParameters: {
        parameters: [{ name: 'X-API-Key', value: `={{ $env.${KEY_VARIABLE} }}` }],
      },
      sendBody: true,
      contentType: 'raw',
      rawContentType: 'application/json',
      body: request.body,
      options: {},
    },
    type: 'n8n-nodes-base.httpRequest',
    typeVersion: 4.2,
    position: [0, 0],
    name,
    retryOnFail: false,
    onError: 'stopWorkflow',
  };
  return JSON.stringify({ nodes: [node], connections: {} }, null, 2);
}
