/** Words about how long things are kept, and about copies of the database. */
export const keeping = {
  title: 'What is kept',
  runs: 'Keep runs, days',
  runsNote:
    'Runs that are over are deleted so long after they began, with transcripts and contexts. Empty: they are kept. Calls that go on are never deleted.',
  bodies: 'Keep request bodies, hours',
  bodiesNote:
    'Only where bodies are kept at all, and never past a restart. Empty: as long as their requests.',
  askTitle: (days: number) => (days === 1 ? 'Keep runs for 1 day?' : `Keep runs for ${days} days?`),
  ask: 'Older runs are deleted now and from now on, with transcripts and contexts. Only a backup brings them back.',
  askYes: 'Delete older runs',
};

export const backups = {
  title: 'Backups',
  note: 'A copy of everything but the secrets, which stay in their own store. Calls go on meanwhile; the newest five are kept.',
  make: 'Make a backup',
  working: 'Working…',
  made: 'The backup is made.',
  size: (bytes: number) =>
    bytes < 1_048_576
      ? `${Math.max(1, Math.round(bytes / 1024)).toLocaleString()} KiB`
      : `${(bytes / 1_048_576).toLocaleString(undefined, { maximumFractionDigits: 1 })} MiB`,
  download: 'Download',
  downloadName: (name: string) => `Download ${name}`,
  restore: 'Restore…',
  restoreName: (name: string) => `Restore ${name}`,
  restoreTitle: 'Restore this backup?',
  restoreText:
    'It is checked now and put in place at the next start. What is there now is kept beside it. Everything goes back to the backup, but for this: API keys that were archived since stay archived, requests of the last 24 hours are not called again, and calls that go on are still followed.',
  restoreYes: 'Restore at the next start',
  prepared: 'It is put back at the next start.',
  waiting: (time: string) => `A backup waits since ${time}. Restart Switchhook to put it back.`,
  cancel: 'Do not restore',
  cancelled: 'Nothing is put back.',
  restored: (time: string) => `A backup was put back on ${time}.`,
  replaced: (name: string) => `The database from before is kept as ${name}; the newest two are.`,
  notCarried:
    'What happened after it was made could not be read. API keys that were archived since open again: look them through. A program that repeats an old request may call again.',
  lookKeys: 'API keys',
  folder: 'They are in',
  copyFolder: 'Copy the folder',
  copiedFolder: 'Folder copied. A backup that is put there is listed here.',
};
