import { describe, expect, it } from 'vitest';
import { EventStreamReader, readLiveEvent } from './events';

describe('the event stream', () => {
  it('puts events together from any pieces and skips heartbeats', () => {
    const reader = new EventStreamReader();
    const text =
      ': hello\n\nid: 7\nevent: run\ndata: {"kind":"run",\ndata: "id":1}\n\nevent: desk-phone\r\ndata:{}\r\n\r\n';
    const events = [...text].flatMap((piece) => reader.push(piece));
    expect(events).toEqual([
      { id: '7', event: 'run', data: '{"kind":"run",\n"id":1}' },
      { id: null, event: 'desk-phone', data: '{}' },
    ]);
  });

  it('reads a hint from text or an object and ignores what it does not know', () => {
    const hint = { event: 'run', kind: 'ended', id: 3, run_id: 3 };
    expect(readLiveEvent('run', '{"kind":"ended","id":3,"run_id":3}')).toEqual(hint);
    expect(readLiveEvent('run', { kind: 'ended', id: 3, run_id: 3 })).toEqual(hint);
    expect(readLiveEvent('run', 'not json')).toEqual({ event: 'run', kind: 'run', id: null, run_id: null });
    expect(readLiveEvent('heartbeat', '{}')).toBeNull();
  });
});
