import { describe as group, expect, it } from 'vitest';
import { ApiError } from '$lib/api/http';
import { Unreachable } from '$lib/transport/types';
import { w } from '$lib/words';
import { describe, TABLE } from './table';

/** The server's codes, as its interface pins them. */
const SERVER_CODES = [
  'invalid-api-key',
  'access-denied',
  'trigger-not-found',
  'trigger-not-active',
  'agent-not-active',
  'no-published-version',
  'telephony-configuration-not-found',
  'telephony-not-configured',
  'telephony-not-ready',
  'caller-id-not-found',
  'invalid-request',
  'invalid-destination',
  'body-too-large',
  'body-too-deep',
  'limit-reached',
  'carrier-refused',
  'outcome-unknown',
  'idempotency-mismatch',
  'shutting-down',
  'storage-unavailable',
  'secret-store-unavailable',
  'internal',
  'data-folder-in-use',
  'invalid-setting',
  'not-found',
  'name-taken',
  'in-use',
  'call-not-found',
  'call-not-in-that-state',
  'run-not-in-that-state',
];

group('the error table', () => {
  it.each(SERVER_CODES)('says something about %s', (code) => {
    expect(TABLE[code]?.message).toMatch(/^[A-Z].*\.$/);
  });

  it('uses the code and never the text', () => {
    const said = describe(new ApiError(400, 'carrier-refused', 'anything at all', [], 'r-1', 7));
    expect(said).toMatchObject({ action: 'run', detail: 'anything at all', requestId: 'r-1', runId: 7 });
    expect(said.message).toBe(w.errors['carrier-refused']);
  });

  it('says openly what the way out of a start that failed is', () => {
    const said = describe(new ApiError(503, 'data-folder-in-use', 'process 42 serves it'));
    expect(said).toMatchObject({ action: 'retry', open: true, detail: 'process 42 serves it' });
  });

  it("shows a command's own sentence about what was entered", () => {
    const said = describe(
      new Unreachable('the address of this instance changed: enter its key', 'invalid-request'),
    );
    expect(said).toMatchObject({
      message: 'The address of this instance changed: enter its key.',
      action: null,
      detail: '',
    });
  });

  it('falls back to the status for an instance without codes', () => {
    expect(describe(new ApiError(429, null, 'Concurrent call limit reached'))).toMatchObject({
      message: w.errors.status[429],
      action: 'runs',
    });
  });

  it('never lets a lost answer to a call read as a failure', () => {
    const lost = new ApiError(0, 'unreachable', 'connection reset');
    expect(describe(lost).message).toBe(w.errors.unreachable);
    expect(describe(lost, true)).toMatchObject({ message: w.errors.unreachableFired, action: 'runs' });
    expect(describe(new ApiError(500, null, 'Internal Server Error'), true).message).toBe(
      w.errors.serverFault,
    );
    // Nothing was connected, so nothing was dialled.
    expect(describe(new Unreachable('no route', 'no-network'), true).message).toBe(w.errors['no-network']);
  });
});
