/**
 * The colours of src/styles/tokens.css beside each other, as WCAG 2.2 counts contrast (1.4.3, 1.4.11), and the table of
 * them in docs/design.md, which this writes with SWITCHHOOK_UPDATE=1.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const at = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const TOKENS = readFileSync(at('../src/styles/tokens.css'), 'utf8');
const DOCUMENT = at('../../docs/design.md');
const [BEGIN, END] = ['<!-- contrast: written by its test -->\n', '<!-- end of contrast -->'];
const THEMES = ['light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

const SURFACES = ['paper', 'surface', 'sunken'];
const TEXT = 4.5;
const SHAPE = 3;

/** What stands on what, and how much of it has to be seen. */
const PAIRS: { what: string; on: string[]; least: number }[] = [
  { what: 'ink', on: [...SURFACES, 'brand-tint', 'test-tint', 'production-tint', 'warn-tint'], least: 7 },
  { what: 'ink-2', on: SURFACES, least: TEXT },
  { what: 'ink-3', on: SURFACES, least: TEXT },
  { what: 'field', on: ['surface', 'paper'], least: SHAPE },
  ...['brand', 'test', 'production', 'warn'].map((what) => ({
    what,
    on: [...SURFACES, `${what}-tint`],
    least: TEXT,
  })),
  ...['brand', 'test', 'production'].map((solid) => ({ what: 'on-solid', on: [solid], least: TEXT })),
  { what: 'surface', on: ['ink'], least: TEXT },
];

function colours(theme: Theme): Map<string, string> {
  const [light = '', dark = ''] = TOKENS.split(":root[data-theme='dark']");
  return new Map([...read(light), ...(theme === 'dark' ? read(dark) : [])]);
}

function read(text: string): [string, string][] {
  return [...text.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = '', hex = '']) => [name, hex]);
}

/** Relative luminance, as WCAG 2.2 defines it. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((from) => {
    const part = Number.parseInt(hex.slice(from, from + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(theme: Theme, one: string, other: string): number {
  const all = colours(theme);
  const [dark = 0, light = 0] = [one, other]
    .map((name) => luminance(all.get(name) ?? `no colour ${name}`))
    .toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** Cut, not rounded: 4.49 is not 4.5. */
const shown = (ratio: number) => (Math.floor(ratio * 10) / 10).toFixed(1);

function table(): string {
  const rows = PAIRS.map(({ what, on, least }) => {
    const worst = THEMES.map((theme) => shown(Math.min(...on.map((name) => contrast(theme, what, name)))));
    const values = THEMES.map((theme) => `\`${colours(theme).get(what)?.slice(1)}\``);
    return `| ${what} | ${on.join(', ')} | ${values.join(' | ')} | ${worst.join(' | ')} | ${least} |`;
  });
  return [
    '| colour | on | light | dark | contrast, light | contrast, dark | at least |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

describe('the colours', () => {
  for (const { what, on, least } of PAIRS) {
    for (const theme of THEMES) {
      it.each(on)(`${what} is seen on %s, ${theme}`, (name) => {
        expect(contrast(theme, what, name)).toBeGreaterThanOrEqual(least);
      });
    }
  }

  it('stand in docs/design.md as they are', () => {
    const text = readFileSync(DOCUMENT, 'utf8');
    const [before = '', rest = ''] = text.split(BEGIN);
    const [kept = '', after = ''] = rest.split(END);
    if (process.env.SWITCHHOOK_UPDATE) {
      writeFileSync(DOCUMENT, before + BEGIN + table() + END + after);
      return;
    }
    expect(kept).toBe(table());
  });
});
