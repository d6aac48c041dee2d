/** Whether calls go through a configuration, why not, and what a person can do about it here. */
import type { Configuration, ConfigurationDetail, Provider } from '$lib/api/telephony';

export type Readiness = 'ready' | 'not-ready' | 'not-dialable' | 'out-of-use';

/** Out of use counts first: whatever else is missing, it has to be brought back. */
export function readiness(
  configuration: Pick<Configuration, 'inactive' | 'is_ready_for_outbound'>,
  provider: Provider | undefined,
): Readiness {
  if (configuration.inactive) return 'out-of-use';
  if (provider?.can_dial === false) return 'not-dialable';
  return configuration.is_ready_for_outbound ? 'ready' : 'not-ready';
}

export type Fix = 'number' | 'settings';

/** What the first step that keeps calls back asks for; null where nothing here helps. */
export function fixOf(configuration: ConfigurationDetail): Fix | null {
  const steps = configuration.setup_checklist?.steps ?? [];
  const first = steps.find((step) => step.blocks_outbound && !step.complete);
  if (!first) return null;
  return first.key === 'caller_id' ? 'number' : 'settings';
}
