/** Words of the card that a production call is looked over on before it is placed. */
export const preflight = {
  label: 'Place a production call?',
  title: 'Production call',
  calls: 'Calls',
  timeThere: (earliest: string, latest: string, byAreaCode: boolean) => {
    if (earliest !== latest) return `It is between ${earliest} and ${latest} there.`;
    return byAreaCode ? `By its area code it is ${earliest} there.` : `It is ${earliest} there.`;
  },
  night: 'People may be asleep.',
  doubtful: 'No known number looks like this. It may be new, or mistyped.',
  agent: 'Agent',
  notDraft: (n: number) => `Draft v${n} is not what runs.`,
  through: 'Through',
  from: (number: string) => `from ${number.replaceAll(' ', '\u00a0')}`,
  noCallerId: 'without a caller ID',
  context: 'Context',
  nothing: 'Nothing is sent along.',
  unread: 'The context could not be shown here. It is sent as you wrote it.',
  missing: (names: string) => `Missing: ${names}`,
  added: (count: number) => `${count} more that the server adds`,
  sources: {
    request: 'from you',
    agent: 'from the agent',
    server: 'from the server',
    dropped: 'left out: the server sets it',
  },
  last: 'Last contact',
  with: (agent: string) => `(${agent})`,
  never: 'No earlier call to this number.',
  real: 'A real phone will ring.',
  yes: 'Place the call',
  back: 'Back',
  reviewing: 'Look it over first',
};
