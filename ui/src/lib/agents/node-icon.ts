/** The drawing of a step's type. */
import ClipboardCheck from '@lucide/svelte/icons/clipboard-check';
import CircleQuestionMark from '@lucide/svelte/icons/circle-question-mark';
import Globe from '@lucide/svelte/icons/globe';
import Headset from '@lucide/svelte/icons/headset';
import Link2 from '@lucide/svelte/icons/link-2';
import OctagonX from '@lucide/svelte/icons/octagon-x';
import Play from '@lucide/svelte/icons/play';
import Webhook from '@lucide/svelte/icons/webhook';
import type { LucideIcon } from '@lucide/svelte';

const ICONS: Record<string, LucideIcon> = {
  startCall: Play,
  agentNode: Headset,
  endCall: OctagonX,
  globalNode: Globe,
  trigger: Webhook,
  webhook: Link2,
  qa: ClipboardCheck,
};

export function nodeIcon(type: string): LucideIcon {
  return ICONS[type] ?? CircleQuestionMark;
}
