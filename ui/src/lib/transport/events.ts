/**
 * The text/event-stream format and the reading of one event's data, shared by the browser's fetch
 * stream and the desktop's channel. No connection is made here.
 */
import type { LiveEvent } from './types';

export interface RawEvent {
  id: string | null;
  event: string;
  data: string;
}

/** Splits a stream into events; `push` takes any piece of text and answers the events it completes. */
export class EventStreamReader {
  #rest = '';

  push(text: string): RawEvent[] {
    const raw = this.#rest + text;
    // A carriage return at the end may be the first half of a line break.
    const held = raw.endsWith('\r') ? '\r' : '';
    const whole = raw.slice(0, raw.length - held.length);
    const blocks = whole.replaceAll('\r\n', '\n').replaceAll('\r', '\n').split('\n\n');
    this.#rest = (blocks.pop() ?? '') + held;
    return blocks.map(readBlock).filter((event) => event !== null);
  }
}

function readBlock(block: string): RawEvent | null {
  const event: RawEvent = { id: null, event: 'message', data: '' };
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data.push(value);
    else if (field === 'event') event.event = value;
    else if (field === 'id') event.id = value;
  }
  if (data.length === 0) return null;
  event.data = data.join('\n');
  return event;
}

const KNOWN = new Set<string>(['run', 'desk-phone', 'agent', 'telephony', 'key', 'settings', 'resync']);

/** The hint in an event, or null for a kind this window does not know. */
export function readLiveEvent(event: string, data: unknown): LiveEvent | null {
  if (!KNOWN.has(event)) return null;
  const body = asObject(data);
  return {
    event: event as LiveEvent['event'],
    kind: typeof body.kind === 'string' ? body.kind : event,
    id: typeof body.id === 'number' || typeof body.id === 'string' ? body.id : null,
    run_id: typeof body.run_id === 'number' ? body.run_id : null,
  };
}

function asObject(data: unknown): Record<string, unknown> {
  let value = data;
  if (typeof data === 'string') {
    try {
      value = JSON.parse(data) as unknown;
    } catch {
      return {};
    }
  }
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

export const RESYNC: LiveEvent = { event: 'resync', kind: 'resync', id: null, run_id: null };
