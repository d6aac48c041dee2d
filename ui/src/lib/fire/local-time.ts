/**
 * What the clock says where a number is. A country with several time zones is told as a span, unless the
 * area code is more exact; nothing is told where the country is not known.
 */
import type { Destination } from '$lib/api/types';
import { zoneOfAreaCode } from './area-codes';

export interface LocalTime {
  earliest: string;
  /** The same as `earliest` where there is one zone. */
  latest: string;
  /** It is before 8 or after 21 somewhere there. */
  night: boolean;
  /** The area code was followed, and a mobile phone may be elsewhere. */
  byAreaCode: boolean;
}

const MORNING_H = 8;
const EVENING_H = 21;

/** `getTimeZones` in newer engines, the getter in those before. */
type WithZones = Intl.Locale & { getTimeZones?: () => string[] | undefined; timeZones?: string[] };

function zonesOf(country: string): string[] {
  try {
    const locale: WithZones = new Intl.Locale('und', { region: country });
    return locale.getTimeZones?.() ?? locale.timeZones ?? [];
  } catch {
    return [];
  }
}

/** Minutes that a zone is ahead of UTC at `at`. */
function offset(zone: string, at: Date): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  }).formatToParts(at);
  const part = (type: string) => Number(parts.find((p) => p.type === type)?.value);
  const there = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'));
  return Math.round((there - at.getTime()) / 60_000);
}

export function localTime(destination: Destination | null, at: Date): LocalTime | null {
  if (destination?.kind !== 'phone' || !destination.country_code) return null;
  const exact = zoneOfAreaCode(destination.e164 ?? '');
  const zones = exact ? [exact] : zonesOf(destination.country_code);
  const offsets = zones.map((zone) => offset(zone, at)).toSorted((a, b) => a - b);
  const [first] = offsets;
  const last = offsets.at(-1);
  if (first === undefined || last === undefined) return null;
  const clocks = [...new Set(offsets)].map((minutes) => new Date(at.getTime() + minutes * 60_000));
  const hours = clocks.map((clock) => clock.getUTCHours());
  return {
    earliest: written(first, at),
    latest: written(last, at),
    night: hours.some((hour) => hour < MORNING_H || hour >= EVENING_H),
    byAreaCode: exact !== null,
  };
}

function written(minutes: number, at: Date): string {
  return new Date(at.getTime() + minutes * 60_000).toISOString().slice(11, 16);
}
