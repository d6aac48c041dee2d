/** Words of a call that is fired again from a run. */
export const again = {
  label: 'Fired again',
  from: 'Again as in',
  same: ': the same call.',
  changed: ', with these changes:',
  forget: 'Forget where this came from',
  nothing: 'nothing',
  gone: 'a configuration that is gone',
  kinds: { number: 'Number', mode: 'Mode', version: 'Version', telephony: 'Telephony' },
  copyJson: 'Copy as JSON',
  copiedJson: (name: string) => `${name} copied as JSON.`,
};
