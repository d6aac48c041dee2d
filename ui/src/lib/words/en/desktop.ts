import type { Action } from '$lib/shortcuts/table';

/** Words of the command palette. */
export const palette = {
  title: 'Find anything',
  open: 'Find anything',
  short: 'Find',
  placeholder: 'A page, an agent, a run’s number, something to do…',
  list: 'What was found',
  found: (count: number) => (count === 1 ? '1 entry' : `${count} entries`),
  none: (text: string) => `Nothing here is called “${text}”.`,
  noneHint: 'A run is found by its number, such as 12.',
  groups: {
    do: 'Do',
    agents: 'Agents',
    pages: 'Pages',
    runs: 'Runs',
    instances: 'Instances',
    window: 'This window',
  },
  goTo: (page: string) => `Go to ${page}`,
  edit: (name: string) => `Edit ${name}`,
  run: (id: number) => `Open run ${id}`,
  call: (number: string) => `Put ${number} on the form`,
  callNote: 'nothing is dialled yet',
  goFirst: 'on the Fire page',
  switchTo: (name: string) => `Switch to ${name}`,
  theme: (name: string) => `Theme: ${name}`,
  now: 'now',
  hints: { move: 'to move', choose: 'to choose', close: 'to close' },
  keywords: {
    do: 'call dial place fire send url link copy',
    window: 'dark light colour appearance keyboard keys help',
    instances: 'server workspace account switch',
  },
};

/** Words of the sheet of shortcuts. */
export const shortcuts = {
  title: 'Keyboard shortcuts',
  open: 'Keyboard shortcuts…',
  lead: 'Kept on this machine. Without Ctrl or Alt a shortcut rests while you type in a field.',
  leadMac: 'Kept on this machine. Without ⌘ or ⌥ a shortcut rests while you type in a field.',
  names: {
    palette: 'Find anything',
    shortcuts: 'Show this sheet',
    fire: 'Fire, or look the call over',
    number: 'Go to the number to call',
    agent: 'Find an agent',
    copyTest: 'Copy the test URL',
    copyProduction: 'Copy the production URL',
    goFire: 'Go to Fire',
    goAgents: 'Go to Agents',
    goRuns: 'Go to Runs',
    goTelephony: 'Go to Telephony',
    goKeys: 'Go to API keys',
    goRequests: 'Go to Requests',
    goSettings: 'Go to Settings',
    theme: 'Change between light and dark',
  } satisfies Record<Action, string>,
  fixedTitle: 'These stay as they are',
  fixed: {
    enter: 'Answer a ringing desk phone',
    escape: 'Decline it; close what is open',
    edge: 'In a call, take the first way on (2 to 9: the others)',
    undo: 'Undo a change to an agent',
    redo: 'Redo it',
  },
  none: 'none',
  change: 'Change',
  changeName: (name: string) => `Change the shortcut of “${name}”`,
  press: 'Press the new keys',
  pressHint: 'Escape leaves it as it is, Backspace leaves it without one.',
  conflict: (chord: string, name: string) => `${chord} is already “${name}”.`,
  take: 'Use it here instead',
  reserved: (chord: string) => `${chord} belongs to the window or the system. Press other keys.`,
  given: (name: string, chord: string) => `“${name}” is ${chord} now.`,
  removed: (name: string) => `“${name}” has no shortcut now.`,
  restore: 'Back to the original',
  restoreName: (name: string) => `Back to the original shortcut of “${name}”`,
  restoreAll: 'All back to the original',
  restored: 'All shortcuts are the original ones.',
};

/** Words of the settings that only the desktop program has. */
export const desktop = {
  title: 'On this desktop',
  notifications: 'Notifications',
  times: { never: 'Never', away: 'When this window is not in front', always: 'Always' },
  notificationsNote:
    'When the desk phone rings and when a call is over. They name the number and how it ended.',
  raise: 'Keys that bring this window to the front',
  raiseNote: 'They work in every program. Off until you choose some.',
  raiseProblem: (problem: string) => `They cannot be used: ${problem}.`,
  needsModifier: 'Hold Ctrl, Alt or Super with it: these keys are taken from every other program.',
  noKeys: 'None',
  choose: 'Choose keys',
  zoom: 'Zoom',
  percent: (percent: number) => `${percent} %`,
  zoomNote: (larger: string, smaller: string) => `Also by ${larger} and ${smaller}.`,
  zoomed: (percent: number) => `Zoom ${percent} %`,
  autostart: 'Start Switchhook when I sign in to this computer',
};

/** Words of the question before the program ends. */
export const quit = {
  title: (count: number) => (count === 1 ? 'A call is going on' : `${count} calls are going on`),
  more: (count: number) => `and ${count} more`,
  onDesk: (count: number) =>
    count === 1
      ? 'The call on the desk phone ends with Switchhook.'
      : `${count} calls on the desk phone end with Switchhook.`,
  away: (count: number) =>
    count === 1
      ? 'The carrier’s call is left to the carrier and goes on. Switchhook looks at it again when it is started next.'
      : `The ${count} calls with a carrier are left to it and go on. Switchhook looks at them again when it is started next.`,
  yes: 'Quit',
  no: 'Stay here',
};

/** Words of a file that is dropped on the window. */
export const drop = {
  here: (instance: string) => `Drop an agent’s file to bring it to ${instance}`,
  title: (name: string) => `Import “${name}”?`,
  text: (instance: string, steps: number | null) =>
    `It becomes a new agent on ${instance}${steps === null ? '' : `, with ${steps === 1 ? '1 step' : `${steps} steps`}`}. Agents that are there already stay as they are.`,
  yes: 'Import it',
  onlyOne: 'Drop one file at a time.',
  unreadable: 'This cannot be read. Drop a JSON file with an agent in it.',
};
