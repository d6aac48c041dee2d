/**
 * Contexts kept under a name for each agent, and numbers pinned for each instance. They stay in this browser or
 * on this desktop: no server has a place for them.
 */
import { memory } from './memory';

export interface Preset {
  name: string;
  /** The context as text, so that a big number is kept as it was typed. */
  text: string;
}

const MOST_PINS = 12;

function read<T>(name: string, good: (value: unknown) => value is T): T[] {
  try {
    const kept = JSON.parse(memory.get(name) ?? '[]') as unknown;
    return Array.isArray(kept) ? kept.filter(good) : [];
  } catch {
    return [];
  }
}

function isPreset(value: unknown): value is Preset {
  const preset = value as Preset | null;
  return typeof preset?.name === 'string' && typeof preset.text === 'string';
}

export class Presets {
  all = $state.raw<Preset[]>([]);
  pins = $state.raw<string[]>([]);
  #agent = '';
  #instance = '';

  use(instanceId: string, agentKey: string): void {
    this.#instance = `pins.${instanceId}`;
    this.#agent = `presets.${instanceId}.${agentKey}`;
    this.all = read(this.#agent, isPreset);
    this.pins = read(this.#instance, (value) => typeof value === 'string');
  }

  /** A preset of the same name is replaced. */
  save(name: string, text: string): void {
    const others = this.all.filter((preset) => preset.name !== name);
    this.#keep([...others, { name, text }].toSorted((a, b) => a.name.localeCompare(b.name)));
  }

  remove(name: string): void {
    this.#keep(this.all.filter((preset) => preset.name !== name));
  }

  isPinned(number: string): boolean {
    return this.pins.includes(number);
  }

  togglePin(number: string): void {
    const others = this.pins.filter((pin) => pin !== number);
    this.pins = this.isPinned(number) ? others : [number, ...others].slice(0, MOST_PINS);
    memory.set(this.#instance, JSON.stringify(this.pins));
  }

  #keep(presets: Preset[]): void {
    this.all = presets;
    memory.set(this.#agent, JSON.stringify(presets));
  }
}
