/** Words that more than one screen uses. */
export const common = {
  product: 'Switchhook',
  thisComputer: 'This computer',
  loading: 'Loading…',
  tryAgain: 'Try again',
  cancel: 'Cancel',
  close: 'Close',
  save: 'Save',
  copy: 'Copy',
  copied: 'Copied',
  remove: 'Remove',
  details: 'Details',
  test: 'Test',
  production: 'Production',
  default: 'default',
  unknown: 'unknown',
  none: 'None yet.',
  skip: 'Skip to the page',
  version: (status: string, number: number) => `${status} v${number}`,
  requestId: (id: string) => `Request ${id}`,
  leavesClipboard: 'It leaves the clipboard after 30 seconds.',
  staysInClipboard:
    'It stays in the clipboard, which may not be read here: copy something else once you have pasted it.',
  copyFailed: 'The clipboard refused. Select the text and copy it by hand.',
};

export const navigation = {
  label: 'Places',
  fire: 'Fire',
  agents: 'Agents',
  runs: 'Runs',
  telephony: 'Telephony',
  keys: 'API keys',
  requests: 'Requests',
  settings: 'Settings',
  openRuns: (count: number) => (count === 1 ? '1 call going on' : `${count} calls going on`),
};

export const status = {
  listening: 'Listening on',
  notListening: 'Not listening',
  starting: 'Starting…',
  lost: 'Connection lost',
  reconnecting: 'Connecting again…',
  fix: 'How to fix it',
  readOnly: 'Data damaged',
  rescue: 'Runs and agents can be read. No call is placed and nothing is saved until this is mended:',
};

export const signIn = {
  title: 'Sign in with a link',
  lead: 'This page belongs to the Switchhook on this computer. It opens with a one-time link, so that nobody else can place calls from here.',
  how: 'Start the server with this command and open the link it prints:',
  command: 'switchhook serve --sign-in-link',
  note: 'A link works once and for five minutes. For a new one, stop the server and start it the same way.',
  used: 'That link was already used, or it is older than five minutes. Get a new one as below.',
  unreachableTitle: 'Switchhook does not answer',
  unreachable:
    'The server behind this page has stopped or is still starting. Start it again, then try again.',
  checking: 'Signing in…',
};
