/**
 * The telephony configurations of an instance and the forms of its providers, read together and
 * again whenever something about them changes.
 */
import { listConfigurations, listProviders, type Configuration, type Provider } from '$lib/api/telephony';
import { coalesced, type Live } from './live.svelte';

export class Configurations {
  list = $state.raw<Configuration[] | null>(null);
  providers = $state.raw<Provider[]>([]);
  error = $state.raw<unknown>(null);
  readonly refresh = coalesced(() => this.load());

  constructor(readonly instanceId: string) {}

  /** Reads again at every hint; answers the function that stops. */
  follow(live: Live): () => void {
    this.refresh();
    return live.listen((id, event) => {
      if (id === this.instanceId && (event.event === 'telephony' || event.event === 'resync')) this.refresh();
    });
  }

  async load(): Promise<void> {
    try {
      const [list, providers] = await Promise.all([
        listConfigurations(this.instanceId),
        this.providers.length > 0 ? this.providers : listProviders(this.instanceId),
      ]);
      this.list = list;
      this.providers = providers;
      this.error = null;
    } catch (error) {
      this.error = error;
    }
  }

  provider(id: string): Provider | undefined {
    return this.providers.find((provider) => provider.provider === id);
  }
}
