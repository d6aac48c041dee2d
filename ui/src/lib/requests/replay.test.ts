import { describe, expect, it } from 'vitest';
import { Unreachable } from '$lib/transport';
import { editable, isRequest, Keys, testRoute, through } from './replay';

describe('replaying a request', () => {
  it.each([
    ['/api/v1/public/agent/abc', '/api/v1/public/agent/test/abc'],
    ['/api/v1/public/agent/test/abc', '/api/v1/public/agent/test/abc'],
    ['/api/v1/public/agent/workflow/u-1', '/api/v1/public/agent/test/workflow/u-1'],
    ['/api/v1/public/agent/test/workflow/u-1', '/api/v1/public/agent/test/workflow/u-1'],
    ['/api/v1/telephony/twilio/status-callback/1', null],
  ])('%s becomes %s', (path, test) => {
    expect(testRoute(path)).toBe(test);
  });

  it('goes through the chosen configuration, and keeps every other value as it was sent', () => {
    const body =
      '{"phone_number":"+1","telephony_configuration_id":7,"from_phone_number_id":9,"initial_context":{"big":12345678901234567890.10}}';
    const sent = through(body, 2);
    expect(sent).toContain('12345678901234567890.10');
    expect(JSON.parse(sent)).toMatchObject({ phone_number: '+1', telephony_configuration_id: 2 });
    expect(sent).not.toContain('from_phone_number_id');
    expect(editable(body)).not.toContain('telephony_configuration_id');
    expect(JSON.parse(through('{}', 3))).toEqual({ telephony_configuration_id: 3 });
  });

  it('takes an object with a number and nothing else', () => {
    expect(isRequest('{"phone_number":"+1"}')).toBe(true);
    for (const other of ['', '[]', '{}', '{"phone_number":1}', '{"phone_number":"+1"']) {
      expect(isRequest(other)).toBe(false);
    }
  });

  it('keeps the key of a request whose fate nobody knows, and of no other', async () => {
    const keys = new Keys();
    const used: string[] = [];
    const send = (body: string, fate?: Error) =>
      keys
        .send(body, (key) => {
          used.push(key);
          return fate ? Promise.reject(fate) : Promise.resolve();
        })
        .catch(() => {});
    await send('a', new Unreachable('gone'));
    await send('a');
    await send('a');
    await send('b', new Unreachable('gone'));
    await send('c');
    const [lost, again, ...others] = used;
    expect(again).toBe(lost);
    expect(new Set([lost, ...others]).size).toBe(4);
  });
});
