import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RemarkDraft, type Remark } from './remark.svelte';

describe('what a person writes about a run', () => {
  let stored: Remark;
  let sent: Partial<Remark>[];
  let answer: ((ok: boolean) => void) | null;
  let waits: boolean;

  beforeEach(() => {
    vi.useFakeTimers();
    stored = { outcome: '', note: '' };
    sent = [];
    answer = null;
    waits = false;
  });
  afterEach(() => vi.useRealTimers());

  function draft(): RemarkDraft {
    return new RemarkDraft(async (change) => {
      sent.push(change);
      if (waits) {
        const ok = await new Promise<boolean>((resolve) => (answer = resolve));
        if (!ok) throw new Error('no way there');
      }
      stored = { ...stored, ...change };
      return { outcome: stored.outcome.trim(), note: stored.note.trim() };
    });
  }

  it('is kept once, a moment after the last key, and only what changed', async () => {
    const remark = draft();
    remark.take({ outcome: 'Done', note: '' });
    for (const text of ['C', 'Ca', 'Call']) remark.write('note', text);
    expect(remark.state).toBe('waiting');
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent).toEqual([{ note: 'Call' }]);
    expect(remark.state).toBe('kept');
    await remark.flush();
    expect(sent).toHaveLength(1);
  });

  it('is not overwritten by what comes from elsewhere, which fills the other part', () => {
    const remark = draft();
    remark.take({ outcome: '', note: 'old' });
    remark.write('note', 'mine');
    remark.take({ outcome: 'Done', note: 'theirs' });
    expect([remark.outcome, remark.note]).toEqual(['Done', 'mine']);
  });

  it('sends what was written during an answer afterwards, and leaves the field alone', async () => {
    const remark = draft();
    waits = true;
    remark.write('note', 'one ');
    await vi.advanceTimersByTimeAsync(1000);
    remark.write('note', 'one two ');
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent).toHaveLength(1);
    waits = false;
    answer?.(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toEqual([{ note: 'one ' }, { note: 'one two ' }]);
    expect([remark.note, remark.state]).toEqual(['one two ', 'kept']);
    remark.take({ outcome: '', note: 'one two' });
    expect(remark.state).toBe('kept');
  });

  it('says that it failed, keeps the text, and tries again', async () => {
    const remark = draft();
    waits = true;
    remark.write('note', 'a');
    await vi.advanceTimersByTimeAsync(1000);
    answer?.(false);
    await vi.advanceTimersByTimeAsync(0);
    expect([remark.state, remark.note]).toEqual(['failed', 'a']);
    waits = false;
    await remark.flush();
    expect([remark.state, stored.note]).toEqual(['kept', 'a']);
  });
});
