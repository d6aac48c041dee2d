/** The instances this window knows, the chosen one, and what it can do. */
import { capabilities } from '$lib/api/client';
import { LOCAL_ID } from '$lib/api/local';
import { transport, type Instance, type InstanceDraft } from '$lib/transport';
import { w } from '$lib/words';
import { memory } from './memory';

export interface Profile {
  product: 'switchhook' | 'dograh';
  version: string | null;
  features: ReadonlySet<string>;
}

const LOCAL: Instance = {
  id: LOCAL_ID,
  name: w.common.thisComputer,
  url: null,
  colour: 'moss',
  kind: 'local',
  has_key: false,
};

export class Instances {
  all = $state<Instance[]>([LOCAL]);
  currentId = $state(LOCAL_ID);
  current = $derived(this.all.find((i) => i.id === this.currentId) ?? LOCAL);
  isLocal = $derived(this.current.id === LOCAL_ID);
  /** Null until the current instance answered. */
  profile = $state<Profile | null>(null);
  /** The window was last left on this computer. */
  readonly startsHere = (memory.get('instance') ?? LOCAL_ID) === LOCAL_ID;
  readonly canAdd = transport.host === 'desktop';

  async load(): Promise<void> {
    const known = await transport.instances();
    const others = known.filter((i) => i.id !== LOCAL_ID);
    this.all = [{ ...LOCAL, ...known.find((i) => i.id === LOCAL_ID), name: LOCAL.name }, ...others];
    const kept = memory.get('instance');
    if (kept && this.all.some((i) => i.id === kept)) this.currentId = kept;
  }

  choose(id: string): void {
    this.currentId = id;
    this.profile = null;
    memory.set('instance', id);
  }

  /** Asks the current instance what it is; a later choice wins over a late answer. */
  async recognise(): Promise<Profile> {
    const id = this.currentId;
    const found = await capabilities(id);
    const profile: Profile = found
      ? { product: 'switchhook', version: found.version, features: new Set(found.features) }
      : { product: 'dograh', version: null, features: new Set() };
    if (id === this.currentId) this.profile = profile;
    return profile;
  }

  async save(draft: InstanceDraft): Promise<Instance> {
    const saved = await transport.saveInstance(draft);
    this.all = await this.#reread();
    return saved;
  }

  async remove(id: string): Promise<void> {
    await transport.removeInstance(id);
    this.all = this.all.filter((i) => i.id !== id);
    if (this.currentId === id) this.choose(LOCAL_ID);
  }

  async #reread(): Promise<Instance[]> {
    const known = await transport.instances();
    return [LOCAL, ...known.filter((i) => i.id !== LOCAL_ID)];
  }
}
