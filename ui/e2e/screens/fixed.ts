/**
 * What differs from one hour and one machine to the next, told as if it were always the same: times, ports, folders,
 * ids, a new key. The server's answers are changed on their way to the page; nothing is made up but that.
 */
import type { Page } from '@playwright/test';

/** When all pictures are taken. */
export const NOW = Date.parse('2026-03-16T10:42:07Z');
const MINUTE = 60_000;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const KEY = 'dgr_pictures0fAKeyThat0pensN0thing0penAnywher3x';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type Fields = { [name: string]: Json };

/** From now on the page sees the fixed world; `names` are texts that differ, and what is told in their place. */
export async function fix(page: Page, names: Record<string, string>): Promise<void> {
  await page.clock.setFixedTime(NOW);
  await page.route(
    ({ pathname }) => pathname.startsWith('/api/') && !pathname.endsWith('/events'),
    async (route) => {
      const response = await route.fetch();
      let text = await response.text();
      for (const [real, told] of Object.entries(names)) text = text.replaceAll(real, told);
      text = text.replaceAll(/dgr_[\w-]{43}/g, KEY);
      const isJson = response.headers()['content-type']?.includes('json') ?? false;
      const body = isJson && text !== '' ? JSON.stringify(still(JSON.parse(text) as Json)) : text;
      await route.fulfill({ response, body });
    },
  );
}

/** The same answer at the fixed time. */
function still(answer: Json): Json {
  eachObject(answer, (object) => {
    if (isRun(object)) stillRun(object);
    if (isRequest(object)) firstRequest = Math.min(firstRequest, object.id);
  });
  eachObject(answer, (object) => {
    if (isRequest(object)) object.at = iso(NOW - (14 - (object.id - firstRequest)) * 3 * MINUTE);
  });
  const others = new Set<string>();
  eachText(answer, (text) => void (TIME.test(text) && Date.parse(text) > NOW && others.add(text)));
  const newestFirst = [...others].toSorted().toReversed();
  const told = new Map(newestFirst.map((text, nth) => [text, NOW - (nth * 47 + 4) * MINUTE]));
  return mapped(answer, (name, value) => {
    if (name === 'rang_at') return iso(NOW - 4_000);
    if (typeof value === 'string' && told.has(value)) return iso(told.get(value) ?? NOW);
    if (name === 'key_prefix') return KEY.slice(0, 8);
    if (name === 'duration_ms' && typeof value === 'number') return 12;
    if (name === 'took_ms' && typeof value === 'number') return 184;
    return value;
  });
}

/** The inspector counts from a number of its own; the list is read before one of its requests. */
let firstRequest = Infinity;

function isRequest(object: Fields): object is Fields & { id: number } {
  return 'is_repeat' in object && typeof object.id === 'number';
}

function isRun(object: Fields): boolean {
  return 'is_completed' in object && 'created_at' in object && 'destination' in object;
}

/** A run's moments keep their order and get even distances; its length follows from its id. */
function stillRun(run: Fields): void {
  const id = Number(run.id);
  const over = run.is_completed === true;
  const lengths: Record<string, number> = {
    completed: 21_300 + ((id * 7_700) % 48_000),
    'no-answer': 31_000,
  };
  const length = over ? (lengths[String(run.state)] ?? 2_600) : 9_000;
  const begun = over ? NOW - (60 - id * 4) * MINUTE - id * 7_000 : NOW - length;
  const times = new Set<string>();
  eachText(run, (text) => void (TIME.test(text) && times.add(text)));
  const inOrder = [...times].toSorted((a, b) => Date.parse(a) - Date.parse(b));
  const last = Math.max(1, over ? inOrder.indexOf(String(run.ended_at)) : inOrder.length - 1);
  const moment = (text: string) =>
    begun + Math.round(((Math.max(0, inOrder.indexOf(text)) / last) ** 1.2 * length) / 100) * 100;
  eachObject(run, (object) => {
    if (typeof object.at === 'string' && typeof object.offset_ms === 'number')
      object.offset_ms = moment(object.at) - begun;
    for (const [name, value] of Object.entries(object))
      if (typeof value === 'string' && TIME.test(value)) object[name] = iso(moment(value));
    if (typeof object.carrier_call_id === 'string' && object.carrier_call_id.includes('-'))
      object.carrier_call_id = `desk-${id}`;
  });
}

const iso = (ms: number) => new Date(ms).toISOString();

function eachObject(json: Json, see: (object: Fields) => void): void {
  if (Array.isArray(json)) for (const inner of json) eachObject(inner, see);
  else if (typeof json === 'object' && json !== null) {
    see(json);
    for (const inner of Object.values(json)) eachObject(inner, see);
  }
}

function eachText(json: Json, see: (text: string) => void): void {
  if (typeof json === 'string') see(json);
  else if (Array.isArray(json)) for (const inner of json) eachText(inner, see);
  else if (typeof json === 'object' && json !== null)
    for (const inner of Object.values(json)) eachText(inner, see);
}

function mapped(json: Json, change: (name: string, value: Json) => Json, name = ''): Json {
  if (Array.isArray(json)) return json.map((inner) => mapped(inner, change, name));
  if (typeof json !== 'object' || json === null) return change(name, json);
  return Object.fromEntries(Object.entries(json).map(([own, inner]) => [own, mapped(inner, change, own)]));
}
