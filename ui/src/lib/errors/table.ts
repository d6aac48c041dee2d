/**
 * The one table from a code to what a person reads, how bad it is, and the way out. A code is here
 * only if the window does something with it; everything else falls back to its HTTP status.
 */
import { ApiError } from '$lib/api/http';
import { Unreachable } from '$lib/transport/types';
import { sentence } from '$lib/format';
import { w } from '$lib/words';

export type Severity = 'info' | 'warning' | 'error';

/** Where an error leads. The component that shows it knows how to get there. */
export type ActionKind = keyof typeof w.errors.actions;

export interface Row {
  message: string;
  severity: Severity;
  action: ActionKind | null;
  /** What the server said is itself the way out, so it stands in the open and not behind "Details". */
  open?: boolean;
}

const e = w.errors;

function row(message: string, severity: Severity, action: ActionKind | null): Row {
  return { message, severity, action };
}

export const TABLE: Record<string, Row> = {
  unreachable: row(e.unreachable, 'error', 'retry'),
  'answer-too-large': row(e['answer-too-large'], 'error', null),
  'clipboard-unavailable': row(w.common.copyFailed, 'error', null),
  'data-folder-in-use': { ...row(e['data-folder-in-use'], 'error', 'retry'), open: true },
  'invalid-setting': { ...row(e['invalid-setting'], 'error', 'retry'), open: true },
  'not-found': row(e['not-found'], 'error', 'reload'),
  'name-taken': row(e['name-taken'], 'error', null),
  'in-use': { ...row(e['in-use'], 'error', null), open: true },
  'no-network': row(e['no-network'], 'error', 'instance'),
  tls: row(e.tls, 'error', 'instance'),
  'not-json': row(e['not-json'], 'error', 'instance'),
  'invalid-api-key': row(e['invalid-api-key'], 'error', 'instance'),
  'access-denied': row(e['access-denied'], 'error', 'instance'),
  'trigger-not-found': row(e['trigger-not-found'], 'error', 'reload'),
  'trigger-not-active': row(e['trigger-not-active'], 'error', 'reload'),
  'agent-not-active': row(e['agent-not-active'], 'error', 'reload'),
  'no-published-version': row(e['no-published-version'], 'warning', 'test'),
  'telephony-configuration-not-found': row(e['telephony-configuration-not-found'], 'error', 'telephony'),
  'telephony-not-configured': row(e['telephony-not-configured'], 'error', 'telephony'),
  'telephony-not-ready': row(e['telephony-not-ready'], 'error', 'telephony'),
  'caller-id-not-found': row(e['caller-id-not-found'], 'error', 'callerId'),
  'invalid-request': row(e['invalid-request'], 'error', 'context'),
  'invalid-destination': row(e['invalid-destination'], 'error', 'number'),
  'body-too-large': row(e['body-too-large'], 'error', 'context'),
  'body-too-deep': row(e['body-too-deep'], 'error', 'context'),
  'limit-reached': row(e['limit-reached'], 'warning', 'runs'),
  'carrier-refused': row(e['carrier-refused'], 'error', 'run'),
  'outcome-unknown': row(e['outcome-unknown'], 'warning', 'run'),
  'idempotency-mismatch': row(e['idempotency-mismatch'], 'error', 'runs'),
  'shutting-down': row(e['shutting-down'], 'warning', 'retry'),
  'storage-unavailable': { ...row(e['storage-unavailable'], 'error', 'retry'), open: true },
  'secret-store-unavailable': row(e['secret-store-unavailable'], 'error', 'settings'),
  internal: row(e.internal, 'error', 'runs'),
  'call-not-found': row(e['call-not-found'], 'info', null),
  'call-not-in-that-state': row(e['call-not-in-that-state'], 'info', null),
  'run-not-in-that-state': row(e['run-not-in-that-state'], 'info', null),
};

export interface Described extends Row {
  /** What the server itself said, for the details; empty when it adds nothing. */
  detail: string;
  requestId: string | null;
  runId: number | null;
}

/**
 * The sentence for any error. `fired` says that the failed request was one that dials, for which "no
 * answer" does not mean "nothing happened".
 */
export function describe(error: unknown, fired = false): Described {
  if (error instanceof Unreachable) {
    // A command of the desktop says in a whole sentence what is wrong with what was entered.
    if (error.code !== null && SPOKEN.has(error.code) && error.message !== '') {
      const known = TABLE[error.code] ?? row(e.unknown, 'error', null);
      return { ...known, message: sentence(error.message), action: null, detail: '', ...NOBODY };
    }
    return describe(new ApiError(0, error.code ?? 'unreachable', error.message), fired);
  }
  if (!(error instanceof ApiError)) {
    const detail = error instanceof Error ? error.message : String(error);
    return { ...row(e.unknown, 'error', 'retry'), detail, ...NOBODY };
  }
  return {
    ...find(error, fired),
    detail: error.detail,
    requestId: error.requestId,
    runId: error.runId,
  };
}

/** Codes whose message is about the form in front of the person. */
const SPOKEN = new Set(['invalid-request', 'name-taken', 'not-found', 'not-saved']);

const NOBODY = { requestId: null, runId: null };

/** Lost after the request may have arrived. Every other reason for no answer comes before that. */
const LOST = new Set(['unreachable', 'answer-too-large', 'not-json']);

function find(error: ApiError, fired: boolean): Row {
  const { code, status } = error;
  if (fired && code !== null && LOST.has(code)) return row(e.unreachableFired, 'warning', 'runs');
  const known = code === null ? undefined : TABLE[code];
  if (known) return known;
  if (status >= 500 && fired) return row(e.serverFault, 'warning', 'runs');
  const byStatus = e.status[status];
  if (byStatus) return row(byStatus, 'error', actionOfStatus(status));
  return row(status >= 500 ? e.serverFault : e.unknown, 'error', 'retry');
}

function actionOfStatus(status: number): ActionKind | null {
  if (status === 401 || status === 403) return 'instance';
  if (status === 429) return 'runs';
  return status >= 500 ? 'retry' : null;
}
