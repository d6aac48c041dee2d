import { beforeEach, describe, expect, it, vi } from 'vitest';
import { copySecret, KEPT_MS } from './forget';

class Board {
  lies = '';
  readable = true;
  copyText = async (text: string): Promise<void> => {
    this.lies = text;
  };
  readText = async (): Promise<string | null> => (this.readable ? this.lies : null);
}

describe('a copied secret', () => {
  let board: Board;
  let focus: EventTarget;

  beforeEach(() => {
    vi.useFakeTimers();
    board = new Board();
    focus = new EventTarget();
    return () => vi.useRealTimers();
  });

  it('leaves the clipboard after a while, and not before', async () => {
    expect(await copySecret('dgr_1', board, focus)).toBe(true);
    await vi.advanceTimersByTimeAsync(KEPT_MS - 1);
    expect(board.lies).toBe('dgr_1');
    await vi.advanceTimersByTimeAsync(1);
    expect(board.lies).toBe('');
  });

  it('leaves alone what was copied since', async () => {
    await copySecret('dgr_1', board, focus);
    board.lies = 'a shopping list';
    await vi.advanceTimersByTimeAsync(KEPT_MS);
    expect(board.lies).toBe('a shopping list');
  });

  it('stays, and says so, where the clipboard may not be read', async () => {
    board.readable = false;
    expect(await copySecret('dgr_1', board, focus)).toBe(false);
    await vi.advanceTimersByTimeAsync(KEPT_MS);
    expect(board.lies).toBe('dgr_1');
  });

  it('waits for a window in the background to come back', async () => {
    await copySecret('dgr_1', board, focus);
    board.readable = false;
    await vi.advanceTimersByTimeAsync(KEPT_MS);
    expect(board.lies).toBe('dgr_1');
    board.readable = true;
    focus.dispatchEvent(new Event('focus'));
    await vi.advanceTimersByTimeAsync(0);
    expect(board.lies).toBe('');
  });
});
