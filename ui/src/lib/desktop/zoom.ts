/**
 * Larger and smaller in the desktop program, by the keys that browsers have for it. In a browser they
 * are the browser's own.
 */
import type { Zoom } from '$lib/transport';

/** In percent, as the shell has them. */
export const ZOOMS = [80, 90, 100, 110, 125, 150, 175, 200];

/** What a key press asks for; null for any other. */
export function zoomOf(event: KeyboardEvent, mac: boolean): Zoom | null {
  const held = mac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  if (!held || event.altKey) return null;
  if (event.key === '+' || event.key === '=') return 'in';
  if (event.key === '-' || event.key === '_') return 'out';
  return event.key === '0' ? { to: 100 } : null;
}
