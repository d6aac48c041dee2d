/** Words of a pasted request or table, of presets and of pinned numbers. */
export const paste = {
  open: 'Paste…',
  title: 'Paste a request or a table',
  label: 'A cURL command, JSON, a row or a table',
  hint: 'Copy it wherever it is, and paste it here. Nothing is called by that.',
  nothing: 'There is neither a number nor a context in this text.',
  kinds: {
    curl: 'This is a cURL command. It becomes:',
    json: 'This is JSON. It becomes:',
    table: 'This is a table. It becomes:',
    nothing: '',
  },
  row: (count: number) => `Which of the ${count} rows`,
  rowName: (n: number, what: string) => `Row ${n}: ${what}`,
  noNumber: 'The number stays as it is.',
  contextStays: 'The context stays as it is.',
  use: 'Use it',
  used: 'The form is filled in.',
};

export const presets = {
  title: 'Presets',
  saveThese: 'Save these values…',
  edit: 'Save or remove…',
  name: 'Name',
  where: 'Kept in this window for this agent. Keep no passwords in it.',
  replaces: 'There is a preset of this name. It will be replaced.',
  replace: 'Replace',
  remove: (name: string) => `Remove ${name}`,
  saved: (name: string) => `“${name}” is saved.`,
  taken: (name: string) => `The context is “${name}” now.`,
};

export const pins = {
  pin: 'Pin this number',
  unpin: 'Unpin this number',
  note: 'Pinned',
};
