/**
 * A copied secret does not stay in the clipboard: after a while it is taken out, if it is still what
 * lies there. Where the clipboard may not be read nothing is taken out, since it could be anything.
 */
export interface Clipboard {
  copyText(text: string): Promise<void>;
  /** Null where it may not be read, or not now. */
  readText(): Promise<string | null>;
}

export const KEPT_MS = 30_000;

/** Copies; answers whether the text will be taken out again. */
export async function copySecret(text: string, clipboard: Clipboard, focus: EventTarget): Promise<boolean> {
  await clipboard.copyText(text);
  if ((await clipboard.readText()) === null) return false;
  setTimeout(() => void forget(text, clipboard, focus), KEPT_MS);
  return true;
}

/** A window in the background may not read: it tries again when it comes back. */
async function forget(text: string, clipboard: Clipboard, focus: EventTarget): Promise<void> {
  const lies = await clipboard.readText();
  if (lies === null) {
    focus.addEventListener('focus', () => void forget(text, clipboard, focus), { once: true });
  } else if (lies === text) {
    await clipboard.copyText('').catch(() => {});
  }
}
