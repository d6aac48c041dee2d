/**
 * The address after `#`, in both directions. A hash router, because the same files are served from
 * a web root and from the desktop's own scheme, where no server could rewrite paths.
 */

export type Route =
  | { page: 'fire'; agent: string | null }
  | { page: 'agents' }
  /** `version` opens that version to read; null is the draft, or the published version without one. */
  | { page: 'agent'; id: number; version: number | null; tab: AgentTab }
  | { page: 'runs' }
  | { page: 'run'; id: number; agent: number | null }
  | { page: 'compare'; first: number; second: number }
  | { page: 'telephony'; configuration: number | 'new' | null }
  | { page: 'keys' }
  | { page: 'requests'; id: number | null }
  | { page: 'settings' };

export const AGENT_TABS = ['steps', 'json', 'trigger', 'versions'] as const;
export type AgentTab = (typeof AGENT_TABS)[number];

const HOME: Route = { page: 'fire', agent: null };

/** Reads a location hash; anything unknown is the Fire page. */
export function parseRoute(hash: string): Route {
  const [page = '', first = '', second = '', third = ''] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decode);
  switch (page) {
    case 'runs': {
      if (first === '') return { page: 'runs' };
      if (first === 'compare') {
        const [one, other] = [wholeNumber(second), wholeNumber(third)];
        if (one === null || other === null) return { page: 'runs' };
        return { page: 'compare', first: one, second: other };
      }
      const id = wholeNumber(first);
      return id === null ? { page: 'runs' } : { page: 'run', id, agent: wholeNumber(second) };
    }
    case 'agents': {
      const id = wholeNumber(first);
      if (id === null) return { page: 'agents' };
      const tab = AGENT_TABS.find((known) => known === second) ?? 'steps';
      return { page: 'agent', id, tab, version: wholeNumber(third) };
    }
    case 'telephony':
      return { page: 'telephony', configuration: first === 'new' ? 'new' : wholeNumber(first) };
    case 'requests':
      return { page: 'requests', id: wholeNumber(first) };
    case 'keys':
      return { page: 'keys' };
    case 'settings':
      return { page: 'settings' };
    case 'fire':
      return { page: 'fire', agent: first === '' ? null : first };
    default:
      return HOME;
  }
}

export function href(route: Route): string {
  switch (route.page) {
    case 'fire':
      return route.agent === null ? '#/fire' : `#/fire/${encodeURIComponent(route.agent)}`;
    case 'run':
      return route.agent === null ? `#/runs/${route.id}` : `#/runs/${route.id}/${route.agent}`;
    case 'compare':
      return `#/runs/compare/${route.first}/${route.second}`;
    case 'agent': {
      const version = route.version === null ? '' : `/${route.version}`;
      const tab = route.tab === 'steps' && version === '' ? '' : `/${route.tab}`;
      return `#/agents/${route.id}${tab}${version}`;
    }
    case 'requests':
      return route.id === null ? '#/requests' : `#/requests/${route.id}`;
    case 'telephony':
      return route.configuration === null ? '#/telephony' : `#/telephony/${route.configuration}`;
    default:
      return `#/${route.page}`;
  }
}

/** The one-time sign-in token in `#sign-in=TOKEN`, or null. */
export function signInToken(hash: string): string | null {
  const token = /^#sign-in=(.+)$/.exec(hash)?.[1];
  return token === undefined ? null : decode(token);
}

function wholeNumber(text: string): number | null {
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
