/**
 * One request to an instance and its two outcomes: a reply whose text can be read twice (as JSON
 * and, where numbers must survive, as it came), or an `ApiError` that knows the server's code.
 */
import { transport, Unreachable } from '$lib/transport';

/** One item of FastAPI's 422 list. */
export interface FieldProblem {
  loc: (string | number)[];
  msg: string;
  type: string;
}

export class ApiError extends Error {
  constructor(
    /** 0 when no answer came. */
    readonly status: number,
    /** The server's code; null from a plain Dograh. */
    readonly code: string | null,
    /** What the server said, for showing; never for deciding. */
    readonly detail: string,
    readonly fields: FieldProblem[] = [],
    readonly requestId: string | null = null,
    readonly runId: number | null = null,
    /** What the server said as it came: a text, a list, or a definition's problems. */
    readonly data: unknown = null,
  ) {
    super(detail);
    this.name = 'ApiError';
  }
}

export interface Reply {
  status: number;
  text: string;
  json<T>(): T;
}

export interface Sent {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** A JSON text, or a value to make one of. */
  body?: string | object;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export async function send(instanceId: string, path: string, sent: Sent = {}): Promise<Reply> {
  const headers: Record<string, string> = { Accept: 'application/json', ...sent.headers };
  let body: string | undefined;
  if (sent.body !== undefined) {
    headers['Content-Type'] = 'application/json';
    body = typeof sent.body === 'string' ? sent.body : JSON.stringify(sent.body);
  }
  let response: Response;
  try {
    response = await transport.fetch(instanceId, path, {
      method: sent.method ?? 'GET',
      headers,
      body,
      signal: sent.signal,
    });
  } catch (error) {
    if (error instanceof Unreachable) throw new ApiError(0, error.code ?? 'unreachable', error.message);
    throw error;
  }
  const text = await response.text();
  if (!response.ok) throw problem(response.status, text);
  return { status: response.status, text, json: <T>() => read<T>(response.status, text) };
}

/** A part of a file, from one byte to before another; shorter at its end. */
export async function sendForPart(
  instanceId: string,
  path: string,
  from: number,
  to: number,
): Promise<Uint8Array<ArrayBuffer>> {
  let response: Response;
  try {
    const headers = { Range: `bytes=${from}-${to - 1}` };
    response = await transport.fetch(instanceId, path, { headers });
  } catch (error) {
    if (error instanceof Unreachable) throw new ApiError(0, error.code ?? 'unreachable', error.message);
    throw error;
  }
  if (!response.ok) throw problem(response.status, await response.text());
  const bytes = new Uint8Array(await response.arrayBuffer());
  // Who knows no parts sends everything.
  return response.status === 206 ? bytes : bytes.slice(from, to);
}

function read<T>(status: number, text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ApiError(status, 'not-json', text.slice(0, 200));
  }
}

/** Reads an error body of either kind: ours (RFC 9457 next to `detail`) or a plain Dograh's. */
export function problem(status: number, text: string): ApiError {
  let body: unknown = null;
  try {
    body = JSON.parse(text);
  } catch {
    return new ApiError(status, null, text.slice(0, 200));
  }
  if (typeof body !== 'object' || body === null) return new ApiError(status, null, text.slice(0, 200));
  const { detail, code, request_id, workflow_run_id } = body as Record<string, unknown>;
  const fields = Array.isArray(detail) ? (detail as FieldProblem[]).filter((f) => Array.isArray(f?.loc)) : [];
  return new ApiError(
    status,
    typeof code === 'string' ? code : null,
    fields.length > 0 ? fields.map(fieldLine).join('; ') : asText(detail),
    fields,
    typeof request_id === 'string' ? request_id : null,
    typeof workflow_run_id === 'number' ? workflow_run_id : null,
    detail,
  );
}

function fieldLine(field: FieldProblem): string {
  const where = field.loc.filter((part) => part !== 'body').join('.');
  return where === '' ? field.msg : `${where}: ${field.msg}`;
}

function asText(detail: unknown): string {
  if (typeof detail === 'string') return detail;
  return detail === undefined || detail === null ? '' : JSON.stringify(detail);
}
