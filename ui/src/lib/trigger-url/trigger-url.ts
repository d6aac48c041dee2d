/**
 * Takes a pasted trigger URL apart (and puts one together). People paste what they have: the bare
 * URL, `POST https://…` from a documentation page, or a whole cURL command; the first web address
 * in the text is what counts. The server tells test from production by the number of path segments
 * (contract §1.1), so `…/agent/test` alone is a production trigger named "test".
 */

export type Mode = 'test' | 'production';
/** What the path names: a trigger, or an agent by its UUID. */
export type TriggerKind = 'trigger' | 'agent';

export interface ParsedTriggerUrl {
  /** Scheme, host and any prefix before `/api/v1`, without a slash at the end. */
  base: string;
  mode: Mode;
  kind: TriggerKind;
  path: string;
}

export type TriggerUrlProblem = 'empty' | 'no-url' | 'credentials' | 'not-a-trigger' | 'bad-path';

export type TriggerUrlResult =
  { ok: true; trigger: ParsedTriggerUrl } | { ok: false; problem: TriggerUrlProblem };

const MARK = '/api/v1/public/agent/';
const PATH = /^[A-Za-z0-9_-]{1,36}$/;

/** Null for what is no address; `URL.canParse` is younger than some of the web views this runs in. */
export function readUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

export function parseTriggerUrl(pasted: string): TriggerUrlResult {
  if (pasted.trim() === '') return { ok: false, problem: 'empty' };
  const found = /https?:\/\/[^\s'"<>\\]+/i.exec(pasted)?.[0];
  const url = readUrl(found ?? '');
  if (!url) return { ok: false, problem: 'no-url' };
  if (url.username !== '' || url.password !== '') return { ok: false, problem: 'credentials' };
  const at = url.pathname.indexOf(MARK);
  if (at < 0) return { ok: false, problem: 'not-a-trigger' };
  const segments = url.pathname
    .slice(at + MARK.length)
    .replace(/\/+$/, '')
    .split('/');
  const target = readSegments(segments);
  if (!target) return { ok: false, problem: 'not-a-trigger' };
  if (!PATH.test(target.path)) return { ok: false, problem: 'bad-path' };
  return { ok: true, trigger: { base: `${url.origin}${url.pathname.slice(0, at)}`, ...target } };
}

function readSegments(segments: string[]): Omit<ParsedTriggerUrl, 'base'> | null {
  const [a = '', b = '', c = ''] = segments;
  if (segments.length === 1) return { mode: 'production', kind: 'trigger', path: a };
  if (segments.length === 2 && a === 'test') return { mode: 'test', kind: 'trigger', path: b };
  if (segments.length === 2 && a === 'workflow') return { mode: 'production', kind: 'agent', path: b };
  if (segments.length === 3 && a === 'test' && b === 'workflow')
    return { mode: 'test', kind: 'agent', path: c };
  return null;
}

/** The route below an instance's base that fires `path` in `mode`. */
export function triggerRoute(path: string, mode: Mode, kind: TriggerKind = 'trigger'): string {
  return `${MARK}${mode === 'test' ? 'test/' : ''}${kind === 'agent' ? 'workflow/' : ''}${path}`;
}

/** Instance addresses are compared without a slash at the end and without regard to case of the host. */
export function sameBase(a: string, b: string): boolean {
  return normalBase(a) !== null && normalBase(a) === normalBase(b);
}

/**
 * The base address of what a person typed as an instance's URL: a trigger URL or an address ending
 * in `/api/v1` is cut back to what comes before. Null when it is no http(s) address.
 */
export function normalBase(typed: string): string | null {
  const trimmed = typed.trim();
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`;
  const url = trimmed === '' ? null : readUrl(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.hostname === '') return null;
  const path = url.pathname.replace(/\/api\/v1(\/.*)?$/, '').replace(/\/+$/, '');
  return `${url.origin}${path}`;
}
