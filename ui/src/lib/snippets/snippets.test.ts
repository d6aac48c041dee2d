import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { snippet, type SnippetKind } from './index';
import { KEY_VARIABLE } from './request';

/** What came in at a server that answers everything; snippets of programs are sent to it for real. */
const came: { key: string | undefined; type: string | undefined; body: string }[] = [];
let server: Server;
let url = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      came.push({
        key: request.headers['x-api-key']?.toString(),
        type: request.headers['content-type'],
        body: Buffer.concat(parts).toString(),
      });
      response.end('{"status":"initiated"}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/public/agent/7c1e`;
});

afterAll(() => server.close());

const BODY = `{"phone_number":"+1","initial_context":{"n":12345678901234567890,"q":"O'Brien \\"x\\" \\\\n \${HOME} {{a}} %s","u":"é😀\u2028"}}`;
const PROGRAM: Partial<Record<SnippetKind, string[]>> = {
  curl: ['sh', '-c'],
  python: ['python3', '-c'],
  javascript: ['node', '-e'],
};

async function run(kind: SnippetKind, env: Record<string, string>) {
  const [program = '', flag = ''] = PROGRAM[kind] ?? [];
  const child = spawn(program, [flag, snippet(kind, { url, body: BODY }, 'Agent')], {
    env: { PATH: process.env.PATH ?? '', HOME: '/nowhere', ...env },
    stdio: 'ignore',
  });
  const [status] = (await once(child, 'exit')) as [number];
  return status;
}

describe.each(['curl', 'python', 'javascript'] as const)('the %s snippet', (kind) => {
  it('sends exactly the body, with the key of the environment', { timeout: 60_000 }, async () => {
    came.length = 0;
    expect(await run(kind, { [KEY_VARIABLE]: 'dgr_key' })).toBe(0);
    expect(came).toEqual([{ key: 'dgr_key', type: 'application/json', body: BODY }]);
  });

  it('sends nothing without a key', { timeout: 60_000 }, async () => {
    came.length = 0;
    expect(await run(kind, {})).not.toBe(0);
    expect(came).toEqual([]);
  });
});

describe('the HTTPie snippet', () => {
  it('hands over the body as it is and asks the shell for the key', () => {
    const text = snippet('httpie', { url, body: '{"a":"O\'Brien"}' }, 'Agent');
    expect(text).toContain(`"X-API-Key:\${${KEY_VARIABLE}:?`);
    expect(text).toContain(String.raw`--raw '{"a":"O'\''Brien"}'`);
  });
});

describe('the n8n node', () => {
  it('is a node that n8n pastes, with the body as it is and no key in it', () => {
    const pasted = JSON.parse(snippet('n8n', { url, body: BODY }, 'Appointment reminder')) as {
      nodes: { type: string; typeVersion: number; name: string; parameters: Record<string, unknown> }[];
      connections: object;
    };
    expect(pasted.connections).toEqual({});
    expect(pasted.nodes).toHaveLength(1);
    expect(pasted.nodes[0]).toMatchObject({
      type: 'n8n-nodes-base.httpRequest',
      typeVersion: 4.2,
      name: 'Appointment reminder',
      retryOnFail: false,
      parameters: {
        method: 'POST',
        url,
        contentType: 'raw',
        rawContentType: 'application/json',
        body: BODY,
        headerParameters: {
          parameters: [{ name: 'X-API-Key', value: `={{ $env.${KEY_VARIABLE} }}` }],
        },
      },
    });
  });
});
