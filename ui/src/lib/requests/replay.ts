/**
 * What becomes of a request when it is sent again: the trigger's test URL, and the body as it came
 * but for the telephony configuration. Values are never read, so that big numbers stay as they came.
 */
import { rawMember, withoutMembers } from '$lib/json/context';
import { parseJson } from '$lib/json/parse';
import { isLost } from '$lib/state/fire.svelte';
import { uniqueId } from '$lib/state/unique';

const PUBLIC = '/api/v1/public/agent/';

/** A caller ID belongs to the configuration that it was sent for. */
const OF_TELEPHONY = new Set(['telephony_configuration_id', 'from_phone_number_id']);

/** The test URL of the trigger that a path fires; null for any other path. */
export function testRoute(path: string): string | null {
  if (!path.startsWith(PUBLIC)) return null;
  const rest = path.slice(PUBLIC.length).replace(/^test\//, '');
  return rest === '' ? null : `${PUBLIC}test/${rest}`;
}

/** Whether a text can be a trigger request: an object with a number in it. */
export function isRequest(body: string): boolean {
  const { root } = parseJson(body);
  return root?.kind === 'object' && rawMember(body, 'phone_number')?.startsWith('"') === true;
}

/** The body as a person changes it. */
export function editable(body: string): string {
  return withoutMembers(body, OF_TELEPHONY);
}

/** The body through a telephony configuration. */
export function through(body: string, configurationId: number): string {
  const rest = withoutMembers(body, OF_TELEPHONY).trim();
  const comma = /^\{\s*\}$/.test(rest) ? '' : ',';
  return `${rest.slice(0, -1).trimEnd()}${comma}"telephony_configuration_id":${configurationId}}`;
}

/**
 * The keys of requests that are sent again: each has its own, but one of which nobody knows what became
 * keeps it, since the phone may be ringing already.
 */
export class Keys {
  #lost: { body: string; key: string } | null = null;

  async send<T>(body: string, send: (key: string) => Promise<T>): Promise<T> {
    const key = this.#lost?.body === body ? this.#lost.key : uniqueId();
    try {
      const reply = await send(key);
      this.#lost = null;
      return reply;
    } catch (error) {
      this.#lost = isLost(error) ? { body, key } : null;
      throw error;
    }
  }
}
