/**
 * Small choices kept between starts (theme, instance, agent). Storage can be switched off in a
 * browser; then nothing is remembered and nothing breaks.
 */
const PREFIX = 'switchhook.';

export const memory = {
  get(name: string): string | null {
    try {
      return localStorage.getItem(PREFIX + name);
    } catch {
      return null;
    }
  },
  set(name: string, value: string): void {
    try {
      localStorage.setItem(PREFIX + name, value);
    } catch {
      // Remembering is a courtesy.
    }
  },
};
