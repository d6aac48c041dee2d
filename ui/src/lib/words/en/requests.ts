/** Words of the request inspector. */
export const requests = {
  title: 'Requests',
  lead: 'What programs sent to the trigger URLs, and how each was answered.',
  list: 'Requests',
  time: 'Time',
  verdict: 'Answer',
  trigger: 'Trigger',
  key: 'Key',
  took: 'Took',
  run: 'Run',
  openRun: (id: number) => `Run ${id}`,
  person: 'this window',
  carrier: 'a carrier',
  answered: 'Fired',
  repeat: 'repeated',
  repeatNote:
    'The same Idempotency-Key came before: the earlier reply was sent again, and nothing was dialled.',
  refused: (status: number) => `Refused, ${status}`,
  notBelieved: 'Callback not believed',
  open: (what: string, time: string) => `${what} at ${time}: details`,
  since: (time: string, most: number) => `The newest ${most} since ${time}. A restart begins anew.`,
  strangers: (count: number) =>
    count === 0
      ? 'Nobody came without a valid key.'
      : count === 1
        ? '1 request without a valid key: counted, not kept.'
        : `${count} requests without a valid key: counted, not kept.`,
  strangerCallbacks: (count: number) =>
    count === 1 ? '1 callback about no run of ours.' : `${count} callbacks about no run of ours.`,
  lastStranger: (time: string) => `The last at ${time}.`,
  bodies: 'Keep bodies',
  bodiesNote:
    'Numbers and contexts of those called stand in them. Kept in memory only, up to 16 KiB each, for everybody who may open this page. Never a key, never a header.',
  bodiesOn: 'Bodies are kept from now on.',
  bodiesOff: 'Bodies are forgotten, and no more are kept.',
  forget: 'Forget all',
  forgotten: 'The requests are forgotten.',
  emptyTitle: 'No request yet',
  empty: 'Copy a trigger URL and a key into n8n or a script. Its first request appears here, refused or not.',
  more: 'Earlier ones',

  detailTitle: 'Request',
  gone: 'This request is no longer kept.',
  route: 'Path',
  mode: 'Mode',
  status: 'Status',
  code: 'Code',
  reason: 'Reason',
  from: 'From',
  duration: 'Duration',
  body: 'Body',
  size: (bytes: number) => `${bytes.toLocaleString()} bytes`,
  noBody: {
    off: 'Not kept. Switch “Keep bodies” on, and the next requests can be read and replayed.',
    'too-large': 'Larger than 16 KiB, so it was not kept.',
  },
  callbackNote:
    'A carrier, or something that posed as one, told about a call and was not believed. Often a proxy changed the address that was signed: the public base URL has to be the address that the carrier calls.',
  copyBody: 'Copy the body',
  copiedBody: 'Body copied.',

  replay: 'Replay…',
  replayTitle: 'Replay the request',
  replayLead:
    'Fires the trigger’s test URL with this body, as a new request with an Idempotency-Key of its own. Nothing is repeated by itself.',
  replayThrough: 'Through',
  replayDesk: (name: string) => (name === 'Desk phone' ? name : `${name} (desk phone)`),
  replayOnly: 'The body has to be a JSON object with a phone_number.',
  replayNoDesk: 'There is no desk phone here: a real phone rings.',
  replayReal: 'A real phone rings.',
  fireDesk: 'Replay at the desk phone',
  fireReal: (name: string) => `Replay through ${name}`,
  firing: 'Firing…',
  replayed: (run: string) => `Fired as ${run}.`,
};
