/**
 * The colours an instance may have. They tell instances apart and mean nothing, so none of them is
 * the blue of test, the red of production or the amber of ringing.
 */
export const COLOURS = {
  moss: 'var(--brand)',
  slate: '#64748b',
  plum: '#86519c',
  ochre: '#99803a',
  clay: '#a56a4e',
  teal: '#2b8a94',
} as const;

export type ColourName = keyof typeof COLOURS;

export const COLOUR_NAMES = Object.keys(COLOURS) as ColourName[];

export function colourOf(name: string): string {
  return COLOURS[name as ColourName] ?? COLOURS.slate;
}
