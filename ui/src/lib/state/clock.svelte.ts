/** The current time for timers on screen; it ticks only while somebody looks. */
import { createSubscriber } from 'svelte/reactivity';

const subscribe = createSubscriber((update) => {
  const interval = setInterval(update, 1000);
  return () => clearInterval(interval);
});

/** Milliseconds since the epoch, reactive to the second. */
export function now(): number {
  subscribe();
  return Date.now();
}
