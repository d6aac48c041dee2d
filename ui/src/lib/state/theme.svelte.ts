/** The chosen theme, kept in this browser profile, and the one it resolves to right now. */
import { memory } from './memory';

export type ThemeChoice = 'system' | 'light' | 'dark';

export class Theme {
  choice = $state<ThemeChoice>('system');
  #dark = matchMedia('(prefers-color-scheme: dark)');

  constructor() {
    const kept = memory.get('theme');
    if (kept === 'light' || kept === 'dark') this.choice = kept;
    this.#dark.addEventListener('change', () => this.#apply());
    this.#apply();
  }

  choose(choice: ThemeChoice): void {
    this.choice = choice;
    memory.set('theme', choice);
    this.#apply();
  }

  /** The other one of light and dark. */
  toggle(): void {
    this.choose(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark');
  }

  #apply(): void {
    const system = this.#dark.matches ? 'dark' : 'light';
    document.documentElement.dataset.theme = this.choice === 'system' ? system : this.choice;
  }
}
