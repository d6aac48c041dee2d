/**
 * From where the public listener can be reached, as far as its address and the settings tell. Whether
 * it is really reached, the server itself tries when a person asks.
 */
import { readUrl } from '$lib/trigger-url/trigger-url';

export type Place = 'here' | 'network' | 'outside';
/** `plain` is reached, by a connection that others on the way can read. */
export type Reached = 'yes' | 'plain' | 'no';

export interface Reach {
  place: Place;
  reached: Reached;
  /** By which address; null where there is none, or none that is one address. */
  url: string | null;
}

/**
 * `listens` is null while nothing listens; `network` is the listener's address for other computers, where the
 * server knows one; `base` is the public base URL of the settings.
 */
export function reachOf(listens: string | null, network: string | null, base: string | null): Reach[] {
  const url = readUrl(listens ?? '');
  const host = url?.hostname ?? '';
  const everywhere = isEverywhere(url);
  const onlyHere = host === 'localhost' || host === '[::1]' || host.startsWith('127.');
  const onNetwork = url !== null && !onlyHere;
  return [
    {
      place: 'here',
      reached: url === null ? 'no' : 'yes',
      url: fromHere(listens),
    },
    {
      place: 'network',
      reached: onNetwork ? 'plain' : 'no',
      url: onNetwork ? (network ?? (everywhere ? null : listens)) : null,
    },
    {
      place: 'outside',
      reached: base === null ? 'no' : base.startsWith('https:') ? 'yes' : 'plain',
      url: base,
    },
  ];
}

/** The address for programs on this computer. */
export function fromHere(listens: string | null): string | null {
  const url = readUrl(listens ?? '');
  return isEverywhere(url) ? `http://127.0.0.1:${url?.port || '80'}` : listens;
}

function isEverywhere(url: URL | null): boolean {
  return url?.hostname === '0.0.0.0' || url?.hostname === '[::]';
}

/** The port to name in a command. */
export function portOf(listens: string | null): string {
  return readUrl(listens ?? '')?.port || '4665';
}
