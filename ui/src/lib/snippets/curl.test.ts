import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { curlSnippet } from './curl';
import { KEY_VARIABLE } from './request';

/** Runs the snippet in a real shell in which `curl` prints its arguments, NUL-separated. */
function run(snippet: string, env: Record<string, string>) {
  const script = `curl() { for a in "$@"; do printf '%s\\0' "$a"; done; }\n${snippet}\n`;
  return spawnSync('/bin/sh', ['-c', script], { env: { PATH: '/usr/bin:/bin', ...env }, encoding: 'utf8' });
}

const url = 'http://127.0.0.1:4665/api/v1/public/agent/test/7c1e4f';

describe('the cURL snippet', () => {
  it.each([
    '{"phone_number":"+14155550100"}',
    `{"phone_number":"+1","initial_context":{"name":"O'Brien $HOME \`id\` \\"q\\" \\\\n","n":12345678901234567890}}`,
    '{\n  "a": "\'\'",\n  "b": "!x; rm -rf *"\n}',
  ])('hands the shell exactly the body %j', (body) => {
    const result = run(curlSnippet({ url, body }), { [KEY_VARIABLE]: 'dgr_k e"y' });
    expect(result.status).toBe(0);
    expect(result.stdout.split('\0').slice(0, -1)).toEqual([
      '--request',
      'POST',
      url,
      '--header',
      'X-API-Key: dgr_k e"y',
      '--header',
      'Content-Type: application/json',
      '--data-raw',
      body,
    ]);
  });

  it('fails before it sends anything when the key is not set', () => {
    const result = run(curlSnippet({ url, body: '{}' }), {});
    expect(result.status).not.toBe(0);
    expect(result.stdout).toBe('');
    expect(result.stderr).toContain(KEY_VARIABLE);
  });
});
