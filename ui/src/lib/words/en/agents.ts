/** Words of the Agents page and of the page of one agent. */
export const agents = {
  title: 'Agents',
  lead: 'What your callers talk to. Each has versions, a draft and a trigger.',
  find: 'Find an agent',
  show: 'Which agents',
  shown: { active: 'Active', archived: 'Archived', all: 'All agents' },
  found: (count: number) => (count === 1 ? '1 agent' : `${count} agents`),
  list: 'Agents',
  create: 'Create an agent',
  createButton: 'Create the agent',
  creating: 'Creating…',
  import: 'Import a file',
  importing: 'Importing…',
  importHint: 'An agent that was exported here or in Dograh, as a JSON file.',
  notAFile: 'This file is not JSON, so there is no agent in it.',
  tooLarge: 'This file is larger than 1 MB, which is more than an agent can be.',
  imported: (name: string) => `${name} is imported, with a trigger URL of its own.`,
  importedUnfinished: (name: string, count: number) =>
    count === 1
      ? `${name} is imported. One thing is to be mended before it can be published again.`
      : `${name} is imported. ${count} things are to be mended before it can be published again.`,
  created: (name: string) => `${name} is created.`,
  name: 'Name',
  namePlaceholder: 'Appointment reminder',
  starter: 'Start from',
  versions: (published: number | null, draft: number | null) =>
    [published === null ? 'not published' : `v${published}`, draft === null ? '' : `draft v${draft}`]
      .filter((part) => part !== '')
      .join(' · '),
  runs: (count: number) => (count === 0 ? 'no calls yet' : count === 1 ? '1 call' : `${count} calls`),
  noTrigger: 'no trigger',
  archivedWord: 'archived',
  emptyTitle: 'No agents yet',
  empty: 'Create one from a starter, or import a file.',
  noArchivedTitle: 'No archived agents',
  noArchived: 'Archive an agent on its page when it should take no more calls.',
  noMatch: (text: string) => `No agent is called “${text}”.`,
  clear: 'Clear the search',
};

/** The agents that a person can begin with: their names here, and what they say on the phone. */
export const starters = {
  reminder: {
    title: 'Appointment reminder',
    note: 'Reminds somebody of a date and takes another one if it does not suit.',
  },
  questions: {
    title: 'A few questions',
    note: 'Asks questions one after the other and keeps the answers.',
  },
  blank: {
    title: 'Greeting and goodbye',
    note: 'The least that makes a call. Add your own steps between.',
  },
  steps: {
    trigger: 'API trigger',
    greeting: 'Greeting',
    goodbye: 'Goodbye',
    thanks: 'Thank {{customer_name | the callee}} and say goodbye.',
    lastWords: 'Thank you for your time. Goodbye.',
    hello: 'Hello {{customer_name | there}}, this is {{company_name | our office}}.',
    helloPrompt: 'Say why you are calling, and answer questions in short sentences.',
    done: 'All said',
    doneWhen: 'The callee has no more questions.',
    remind:
      'Hello {{customer_name | there}}. You have an appointment on {{appointment_date | the agreed day}}. Does that still suit you?',
    remindPrompt: 'Find out whether the appointment on {{appointment_date | the agreed day}} still suits.',
    suits: 'Date suits',
    suitsWhen: 'The callee can make the appointment.',
    otherDate: 'Other date',
    otherDateWhen: 'The callee cannot make it or wants another date.',
    offer: 'Offer another date',
    offerPrompt: 'Offer another date within two weeks and agree on one.',
    agreed: 'Date agreed',
    agreedWhen: 'The callee has agreed to another date.',
    may: 'May we ask',
    ask: 'Hello {{customer_name | there}}. May I ask you three short questions?',
    askPrompt: 'Ask whether the callee has two minutes for three questions.',
    yes: 'Has time',
    yesWhen: 'The callee agrees to answer.',
    no: 'No time',
    noWhen: 'The callee has no time or does not want to answer.',
    questions: 'Questions',
    questionsPrompt:
      'Ask one after the other: what brought you to us, what could be better, would you recommend us.',
    answered: 'All answered',
    answeredWhen: 'The callee has answered the questions.',
  },
};
