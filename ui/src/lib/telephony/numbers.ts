/** A configuration's numbers as they read, and when one can be sent only with a country. */
import { checkDestination } from '$lib/api/client';
import type { TelephonyNumber } from '$lib/api/telephony';
import { readableNumber } from '$lib/format';

/**
 * The countries whose national numbers the server completes (contract §6.4); a number of any other
 * one has to be written with + and its country code.
 */
export const COMPLETED = 'AT AU BE BR CA CH DE DK ES FI FR GB IE IN IT LU MX NL NO SE US'.split(' ');

/** Without what only groups the digits. */
function bare(address: string): string {
  return address.trim().replace(/[ \t()-]/g, '');
}

/** As calls show it. */
export function shownNumber(number: Pick<TelephonyNumber, 'address' | 'address_normalized'>): string {
  return readableNumber(number.address_normalized || number.address);
}

/** What the numbering plans know of a number: it in groups, and its country. */
export interface Plan {
  formatted: string | null;
  country: string | null;
}

/** Asks this computer, which has the plans, whichever instance has the number. */
export async function planOf(number: TelephonyNumber, provider: string): Promise<Plan> {
  const unknown = { formatted: null, country: null };
  if (number.address_type !== 'pstn') return unknown;
  const found = await checkDestination(number.address_normalized, provider).catch(() => null);
  return found ? { formatted: found.formatted, country: found.country_code } : unknown;
}

/** Digits alone do not say whose they are; extensions and SIP addresses need no country. */
export function needsCountry(address: string): boolean {
  return /^\d{8,15}$/.test(bare(address));
}

/** Whether what was typed differs from what is dialled by more than spaces. */
export function wasCompleted(number: Pick<TelephonyNumber, 'address' | 'address_normalized'>): boolean {
  return bare(number.address) !== bare(number.address_normalized);
}
