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
const dateOnly = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
const regions = new Intl.DisplayNames(undefined, { type: 'region', fallback: 'code' });

export function formatDateTime(at: string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : dateTime.format(date);
}

export function formatTime(at: string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : timeOnly.format(date);
}

export function formatDate(at: string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : dateOnly.format(date);
}

/** The last moment of a day as a date field gives it (`2026-03-15`), here, or null for none. */
export function endOfDay(day: string): string | null {
  const [year, month, date] = day.split('-').map(Number);
  if (!year || !month || !date) return null;
  return new Date(year, month - 1, date, 23, 59, 59).toISOString();
}

/** Today as a date field wants it. */
export function today(): string {
  const now = new Date();
  const parts = [now.getFullYear(), now.getMonth() + 1, now.getDate()];
  return parts.map((part) => String(part).padStart(2, '0')).join('-');
}

/** Minutes and seconds as a call timer shows them. */
export function formatTimer(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** A length in words: milliseconds, tenths of a second, or minutes and seconds. */
export function formatDuration(ms: number): string {
  if (ms < 0) return '';
  if (ms < 100) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1000)} s`;
}

/** Milliseconds between two times of the server, or null where one is missing or unreadable. */
export function between(from: string | null | undefined, to: string | null | undefined): number | null {
  const ms = Date.parse(to ?? '') - Date.parse(from ?? '');
  return Number.isFinite(ms) ? ms : null;
}

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** How long ago a time of the server is, in its largest unit. */
export function ago(at: string, nowMs: number): string {
  const ms = Date.parse(at) - nowMs;
  if (!Number.isFinite(ms)) return at;
  const [unit, size] = UNITS.find(([, length]) => -ms >= length) ?? ['second', 1000];
  return relative.format(Math.min(0, Math.trunc(ms / size)), unit);
}

/** What a program said, as a sentence: it starts with a capital and ends with a full stop. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  // The name of a field stays what it is on the wire.
  if (/^[a-z]+_\w*:/.test(trimmed)) return /[.!?…]$/.test(trimmed) ? trimmed : `${trimmed}.`;
  return capital(/[.!?…]$/.test(trimmed) ? trimmed : `${trimmed}.`);
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
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
