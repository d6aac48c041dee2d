import { describe, expect, it } from 'vitest';
import { normalBase, parseTriggerUrl, sameBase, triggerRoute } from './trigger-url';

const host = 'https://voice.example.com';

describe('a pasted trigger URL', () => {
  it.each([
    [`${host}/api/v1/public/agent/7c1e4f`, host, 'production', 'trigger', '7c1e4f'],
    [`${host}/api/v1/public/agent/test/7c1e4f`, host, 'test', 'trigger', '7c1e4f'],
    [`${host}/api/v1/public/agent/test/7c1e4f/`, host, 'test', 'trigger', '7c1e4f'],
    [`${host}/api/v1/public/agent/workflow/6f0c`, host, 'production', 'agent', '6f0c'],
    [`${host}/api/v1/public/agent/test/workflow/6f0c`, host, 'test', 'agent', '6f0c'],
    // By the number of segments: a trigger may be called "test".
    [`${host}/api/v1/public/agent/test`, host, 'production', 'trigger', 'test'],
    [`${host}/api/v1/public/agent/test/workflow`, host, 'test', 'trigger', 'workflow'],
    [`POST ${host}/voice/api/v1/public/agent/a-b_c?x=1#y`, `${host}/voice`, 'production', 'trigger', 'a-b_c'],
    [`curl -X POST '${host}/api/v1/public/agent/abc' -H 'X: y'`, host, 'production', 'trigger', 'abc'],
    [
      'http://127.0.0.1:4665/api/v1/public/agent/abc',
      'http://127.0.0.1:4665',
      'production',
      'trigger',
      'abc',
    ],
  ])('%s', (text, base, mode, kind, path) => {
    expect(parseTriggerUrl(text)).toEqual({ ok: true, trigger: { base, mode, kind, path } });
  });

  it.each([
    ['  ', 'empty'],
    ['my trigger', 'no-url'],
    ['https://key@voice.example.com/api/v1/public/agent/a', 'credentials'],
    [`${host}/api/v1/workflow/fetch`, 'not-a-trigger'],
    [`${host}/api/v1/public/agent/a/b/c/d`, 'not-a-trigger'],
    [`${host}/api/v1/public/agent/a%20b`, 'bad-path'],
    [`${host}/api/v1/public/agent/`, 'bad-path'],
  ])('%s is refused as %s', (text, problem) => {
    expect(parseTriggerUrl(text)).toEqual({ ok: false, problem });
  });

  it('is put together again as it was', () => {
    for (const text of ['abc', 'test/abc', 'workflow/abc', 'test/workflow/abc']) {
      const parsed = parseTriggerUrl(`${host}/api/v1/public/agent/${text}`);
      if (!parsed.ok) throw new Error(parsed.problem);
      const { path, mode, kind } = parsed.trigger;
      expect(triggerRoute(path, mode, kind)).toBe(`/api/v1/public/agent/${text}`);
    }
  });
});

describe('an instance address', () => {
  it.each([
    ['api.example.com', 'https://api.example.com'],
    ['HTTPS://API.example.com/', 'https://api.example.com'],
    ['http://10.0.0.4:4666/api/v1/', 'http://10.0.0.4:4666'],
    ['https://x.example/api/v1/public/agent/test/abc', 'https://x.example'],
    ['https://x.example/dograh/', 'https://x.example/dograh'],
  ])('%s is %s', (typed, base) => {
    expect(normalBase(typed)).toBe(base);
  });

  it.each(['', 'ftp://x.example', 'https://u:p@x.example', 'https://'])('%j is none', (typed) => {
    expect(normalBase(typed)).toBeNull();
  });

  it('is compared without its last slash', () => {
    expect(sameBase('https://A.example/', 'https://a.example')).toBe(true);
    expect(sameBase('https://a.example', 'http://a.example')).toBe(false);
  });
});
