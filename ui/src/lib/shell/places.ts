/** The places of the window, in their order. A plain Dograh has no agents to edit and no keys of ours. */
import Bot from '@lucide/svelte/icons/bot';
import History from '@lucide/svelte/icons/history';
import Inbox from '@lucide/svelte/icons/inbox';
import KeyRound from '@lucide/svelte/icons/key-round';
import PhoneOutgoing from '@lucide/svelte/icons/phone-outgoing';
import Settings from '@lucide/svelte/icons/settings';
import Waypoints from '@lucide/svelte/icons/waypoints';
import type { Route } from '$lib/router/router';
import type { Action } from '$lib/shortcuts/table';
import type { Profile } from '$lib/state/instances.svelte';
import { w } from '$lib/words';

export interface Place {
  page: Route['page'];
  word: string;
  icon: typeof History;
  route: Route;
  action: Action;
  /** Needs more than a plain Dograh has. */
  ours: boolean;
  /** What the instance has to be able to. */
  feature?: string;
}

const ALL: Place[] = [
  {
    page: 'fire',
    word: w.navigation.fire,
    icon: PhoneOutgoing,
    route: { page: 'fire', agent: null },
    action: 'goFire',
    ours: false,
  },
  {
    page: 'agents',
    word: w.navigation.agents,
    icon: Bot,
    route: { page: 'agents' },
    action: 'goAgents',
    ours: true,
  },
  {
    page: 'runs',
    word: w.navigation.runs,
    icon: History,
    route: { page: 'runs' },
    action: 'goRuns',
    ours: false,
  },
  {
    page: 'telephony',
    word: w.navigation.telephony,
    icon: Waypoints,
    route: { page: 'telephony', configuration: null },
    action: 'goTelephony',
    ours: false,
  },
  {
    page: 'keys',
    word: w.navigation.keys,
    icon: KeyRound,
    route: { page: 'keys' },
    action: 'goKeys',
    ours: true,
  },
  {
    page: 'requests',
    word: w.navigation.requests,
    icon: Inbox,
    route: { page: 'requests', id: null },
    action: 'goRequests',
    ours: true,
    feature: 'requests',
  },
  {
    page: 'settings',
    word: w.navigation.settings,
    icon: Settings,
    route: { page: 'settings' },
    action: 'goSettings',
    ours: false,
  },
];

/** The places of an instance; null is one that has not answered yet. */
export function placesOf(profile: Profile | null): Place[] {
  return ALL.filter(
    ({ ours, feature }) =>
      (!ours || profile?.product !== 'dograh') && (!feature || profile?.features.has(feature)),
  );
}

/** Every place that an instance may have. */
export const PLACES: readonly Place[] = ALL;
