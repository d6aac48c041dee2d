import type { Mode } from '$lib/api/types';

/** Words of the Fire page. */
export const fire = {
  agents: 'Agents',
  findAgent: 'Find an agent',
  clearSearch: 'Clear the search',
  saved: 'Saved triggers',
  addTrigger: 'Add a trigger by its URL',
  published: (n: number) => `v${n}`,
  draft: (n: number) => `draft v${n}`,
  neverPublished: 'not published',
  noTriggerShort: 'no trigger',
  noAgentsTitle: 'No agents yet',
  noAgentsLocal:
    'Create one with POST /api/v1/workflow/create/definition, or import it from another instance.',
  noAgentsRemote:
    'This instance has no active agents that your key may see. You can add a trigger by its URL.',
  noMatch: (text: string) => `No agent is called “${text}”.`,
  pickAgentTitle: 'Pick an agent',
  pickAgent: 'Its trigger, its variables and what it will say appear here.',

  mode: 'Which version runs',
  runsDraft: (n: number) => `draft v${n}`,
  runsPublished: (n: number) => `published v${n}`,
  runsUnpublished: 'not published',
  runsUnknown: 'decided there',
  noDraft: (n: number) => `There is no draft: the published v${n} runs.`,

  trigger: 'Trigger',
  onlyHere: 'this computer only',
  publicBase: 'public base URL',
  copyUrl: (mode: Mode) => (mode === 'test' ? 'Copy the test URL' : 'Copy the production URL'),
  copiedUrl: (mode: Mode) =>
    mode === 'test'
      ? 'Test URL copied. It runs the draft.'
      : 'Production URL copied. It runs the published version.',
  noBase: 'The server is not listening, so there is no URL to copy yet.',
  noTrigger: 'This agent has no API trigger. Add an API trigger node to it, then fire it from here.',

  number: 'Number to call',
  numberPlaceholder: '+1 415 555 0100',
  checking: 'Checking…',
  rings: 'Rings the desk phone in this window.',
  deskNumbers: {
    '+14155550101': 'Desk phone: answers by itself, says one line and hangs up.',
    '+14155550102': 'Desk phone: is busy.',
    '+14155550103': 'Desk phone: rings for a second, nobody answers.',
    '+14155550104': 'Desk phone: declines the call.',
    '+14155550105': 'Desk phone: the carrier refuses the call.',
    '+14155550106': 'Desk phone: the carrier never answers; the outcome stays unknown.',
    '+14155550107': 'Desk phone: answers by itself, every status comes twice and late.',
  } as Record<string, string>,
  sipUri: 'SIP address',
  extension: 'Extension',
  lineTypes: {
    mobile: 'mobile',
    'fixed-line': 'fixed line',
    'fixed-line-or-mobile': '',
    'toll-free': 'toll-free',
    'premium-rate': 'premium rate',
    voip: 'internet phone',
    other: '',
  } as Record<string, string>,
  unverified: 'Not checked here. The instance decides.',

  telephony: 'Telephony',
  callerId: 'Caller ID',
  noCallerId: 'None',
  isDefault: (name: string) => `${name} (default)`,
  notReady: (name: string) => `${name} (not ready)`,
  decidedThere: 'Decided by the instance',

  context: 'Initial context',
  contextEditor: 'Initial context, JSON',
  valid: 'Valid JSON',
  problemAt: (line: number, column: number) => `Line ${line}, column ${column}`,
  showProblem: 'Show where',
  variablesSet: (set: number, all: number) => `${set} of ${all} variables set`,
  noVariables: 'No variables used',
  unused: (count: number) => `${count} unused`,
  unusedHere: (version: string) => `not used by ${version}`,
  reservedHere: 'set by the server, yours is dropped',
  missing: 'Missing',
  add: (name: string) => `Add ${name}`,
  insertHint: 'variable of this agent',

  said: 'What will be said',
  noGreeting: 'This agent has no greeting. Its model speaks first, from the prompt.',
  previewAudio: 'The greeting is a recording.',
  path: 'Path',
  variables: 'Variables',
  set: 'set',
  missingState: 'missing',
  fallback: (text: string) => `falls back to “${text}”`,
  fallbackEmpty: 'falls back to nothing',
  usedIn: (nodes: string) => `in ${nodes}`,
  lastCalls: 'Last calls to this number',
  lastCallsNone: 'None yet.',
  noPreview: 'What this trigger will say is known only to its instance.',
  previewWaits: 'The preview comes back when the context is valid.',

  button: (mode: Mode) => (mode === 'test' ? 'Fire test call' : 'Place the call'),
  firing: 'Dialling…',
  willRing: (version: string) => `${version} rings the desk phone.`,
  willCall: (version: string) => `${version} calls a real phone.`,
  on: (instance: string) => `on ${instance}`,
  theVersion: (mode: Mode) => (mode === 'test' ? 'The draft, if there is one,' : 'The published version'),
  copyCurl: 'Copy as cURL',
  copiedCurl: (mode: Mode) =>
    mode === 'test'
      ? 'cURL command for the test URL copied. It reads the key from SWITCHHOOK_API_KEY.'
      : 'cURL command for the production URL copied. It reads the key from SWITCHHOOK_API_KEY.',
  fired: (name: string) => `${name} started.`,

  reasons: {
    noAgent: 'Pick an agent first.',
    noTrigger: 'This agent has no API trigger.',
    notPublished: 'This agent is not published yet. Fire the test URL, or publish it first.',
    noNumber: 'Type the number to call.',
    checking: 'Checking the number…',
    context: 'Mend the initial context first.',
    telephony: 'Choose a telephony configuration that is ready.',
    noTelephony: 'This instance has no telephony configuration.',
    firing: 'One call at a time: this one is being dialled.',
  },
  missingNote: (count: number) =>
    count === 1
      ? '1 variable is missing and will be spoken as nothing.'
      : `${count} variables are missing and will be spoken as nothing.`,
};

export const json: Record<string, (subject: string) => string> = {
  'expected-value': () => 'A value is missing here.',
  'expected-key': () => 'Names go in double quotes.',
  'expected-colon': () => 'A colon is missing after the name.',
  'expected-comma': () => 'A comma is missing here.',
  'trailing-comma': () => 'Nothing follows this comma. Remove it.',
  'trailing-text': () => 'The context ends before this. Remove the rest.',
  'unclosed-string': () => 'This text has no closing quote.',
  'unclosed-object': () => 'This brace is never closed.',
  'unclosed-array': () => 'This bracket is never closed.',
  'bad-escape': () => 'JSON knows no such escape. Write \\\\ for a backslash.',
  'control-character': () => 'Line breaks and tabs inside a text are written \\n and \\t.',
  'lone-surrogate': () => 'Half of a two-part character cannot be sent.',
  'bad-number': () => 'This is not a number as JSON writes them.',
  'not-a-number': (word) => `${word} is not a JSON value. Use null or a text.`,
  'single-quotes': () => 'Texts go in double quotes.',
  'unknown-word': (word) => `“${word}” needs double quotes.`,
  'duplicate-key': (key) => `“${key}” is here twice. Only one of them would be sent.`,
  'too-deep': () => 'This is nested deeper than the server accepts.',
  'not-an-object': () => 'The context is an object: { "name": "value" }.',
};
