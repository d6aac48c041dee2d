/** Times, durations and numbers as people read them. Pure; the locale is the browser's. */

const dateTime = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const timeOnly = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const regions = new Intl.DisplayNames(undefined, { type: 'region', fallback: 'code' });

export function formatDateTime(at: string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : dateTime.format(date);
}

export function formatTime(at: string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : timeOnly.format(date);
}

/** Minutes and seconds as a call timer shows them. */
export function formatTimer(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** A length in words: tenths below a minute, minutes and seconds above. */
export function formatDuration(ms: number): string {
  if (ms < 0) return '';
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1000)} s`;
}

/** Milliseconds between two times of the server, or null where one is missing or unreadable. */
export function between(from: string | null | undefined, to: string | null | undefined): number | null {
  const ms = Date.parse(to ?? '') - Date.parse(from ?? '');
  return Number.isFinite(ms) ? ms : null;
}

export function countryName(code: string): string {
  try {
    return regions.of(code) ?? code;
  } catch {
    return code;
  }
}

/**
 * A stored E.164 number in groups that are easy to read back. Only North American numbers have one
 * grouping everywhere; others are left as they are. The number field uses the server's formatter.
 */
export function readableNumber(number: string): string {
  const nanp = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number);
  return nanp ? `+1 ${nanp[1]} ${nanp[2]} ${nanp[3]}` : number;
}

/** The middle of a long path left out: both ends tell paths apart. */
export function shortPath(path: string, head = 6, tail = 4): string {
  return path.length <= head + tail + 3 ? path : `${path.slice(0, head)}…${path.slice(-tail)}`;
}
