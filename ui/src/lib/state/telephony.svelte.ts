/** The telephony configurations and numbers of the chosen instance, and the pick for the next call. */
import { listPhoneNumbers, listTelephonyConfigurations } from '$lib/api/client';
import type { PhoneNumber, Run, TelephonyConfiguration } from '$lib/api/types';
import { LOCAL_ID } from '$lib/api/local';

export class Telephony {
  configurations = $state<TelephonyConfiguration[]>([]);
  numbers = $state<PhoneNumber[]>([]);
  loaded = $state(false);
  /** The key may not read them, so the instance decides. */
  hidden = $state(false);
  configurationId = $state<number | null>(null);
  /** Null for the default caller ID. */
  numberId = $state<number | null>(null);
  configuration = $derived(this.configurations.find((c) => c.id === this.configurationId) ?? null);
  ready = $derived(this.configuration?.is_ready_for_outbound !== false && !this.configuration?.inactive);
  activeNumbers = $derived(this.numbers.filter((n) => n.is_active));
  #instanceId = LOCAL_ID;

  async load(instanceId: string): Promise<void> {
    if (instanceId !== this.#instanceId) this.#reset();
    this.#instanceId = instanceId;
    try {
      const configurations = await listTelephonyConfigurations(instanceId);
      if (instanceId !== this.#instanceId) return;
      this.configurations = configurations;
      this.hidden = false;
      if (!this.configuration)
        this.configurationId = (preferred(configurations) ?? configurations[0])?.id ?? null;
      await this.#loadNumbers();
    } catch {
      if (instanceId === this.#instanceId) this.hidden = true;
    }
    if (instanceId === this.#instanceId) this.loaded = true;
  }

  /** What a run went through, by the name that people gave it where it is still there. */
  nameOf(run: Run): string {
    return this.configurations.find((c) => c.id === run.telephony_configuration_id)?.name ?? run.provider;
  }

  async choose(id: number): Promise<void> {
    this.configurationId = id;
    this.numberId = null;
    this.numbers = [];
    await this.#loadNumbers().catch(() => {});
  }

  async #loadNumbers(): Promise<void> {
    const id = this.configurationId;
    if (id === null) return;
    const numbers = await listPhoneNumbers(this.#instanceId, id);
    if (id !== this.configurationId) return;
    this.numbers = numbers;
    if (!numbers.some((n) => n.id === this.numberId)) this.numberId = null;
  }

  /**
   * What the request has to say. A ready default says nothing, as most callers do; anything else is
   * named, so that the shown configuration is the one that dials.
   */
  requestFields(): Record<string, number> {
    const fields: Record<string, number> = {};
    const configuration = this.configuration;
    if (configuration && !(configuration.is_default_outbound && this.ready)) {
      fields.telephony_configuration_id = configuration.id;
    }
    if (this.numberId !== null) fields.from_phone_number_id = this.numberId;
    return fields;
  }

  #reset(): void {
    this.configurations = [];
    this.numbers = [];
    this.loaded = false;
    this.hidden = false;
    this.configurationId = null;
    this.numberId = null;
  }
}

function preferred(configurations: TelephonyConfiguration[]): TelephonyConfiguration | undefined {
  return configurations.find((c) => c.is_default_outbound && !c.inactive);
}
