/**
 * The pages in a language that is longer than English, and from right to left: nothing is cut off in the smallest
 * window. The server is the real one; its pages are built anew for this, with every word of the catalogue lengthened.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { build } from 'vite';
import { fits } from './axe';
import { expect, fireAndSettle, test as base } from './serve';

const KINDS: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

const test = base.extend<object, { pages: string }>({
  own: 'languages',
  /** The folder of the lengthened pages. */
  pages: [
    async ({ own }, use) => {
      const outDir = await mkdtemp(path.join(tmpdir(), `switchhook-${own}-`));
      const root = fileURLToPath(new URL('..', import.meta.url));
      await build({
        root,
        mode: 'pseudo',
        logLevel: 'error',
        build: { outDir, emptyOutDir: true, minify: false, reportCompressedSize: false },
      });
      await use(outDir);
      await rm(outDir, { recursive: true, force: true });
    },
    { scope: 'worker', timeout: 120_000 },
  ],
});

/** Gives the lengthened pages in place of the server's own. */
async function speak(page: Page, control: string, pages: string): Promise<void> {
  await page.route(
    (url) => url.origin === control && !url.pathname.startsWith('/api/'),
    async (route) => {
      const { pathname } = new URL(route.request().url());
      const name = pathname === '/' ? 'index.html' : pathname.slice(1);
      const body = await readFile(path.join(pages, name));
      await route.fulfill({ body, contentType: KINDS[path.extname(name)] ?? 'application/octet-stream' });
    },
  );
}

/**
 * Texts of which a part cannot be seen: cut by something that does not scroll, or sticking out of their own button.
 * What is shortened with dots says the rest in its title or in its name for screen readers.
 */
async function cut(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const node = texts.currentNode as Text;
      const own = node.parentElement;
      if (!own || node.data.trim() === '' || !own.checkVisibility({ visibilityProperty: true })) continue;
      if (own.closest('.visually-hidden, .cm-editor, .skip, option, [aria-hidden="true"], script, style'))
        continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const text = range.getBoundingClientRect();
      if (text.width === 0) continue;
      const out = (box: DOMRect) => text.left < box.left - 1.5 || text.right > box.right + 1.5;
      const told = own.closest('[title], [aria-label]') !== null;
      for (let at: Element | null = own; at; at = at.parentElement) {
        const style = getComputedStyle(at);
        if (at.matches('button, a, label, summary, .tag, th, td') && out(at.getBoundingClientRect())) {
          found.push(`${node.data.trim()} sticks out of ${at.tagName}.${at.className}`);
          break;
        }
        if (/auto|scroll/.test(style.overflowX + style.overflowY)) break;
        if (/hidden|clip/.test(style.overflowX) && out(at.getBoundingClientRect()) && !told) {
          found.push(`${node.data.trim()} is cut by ${at.tagName}.${at.className}`);
          break;
        }
        if (at === document.body && out(new DOMRect(0, 0, innerWidth, innerHeight))) {
          found.push(`${node.data.trim()} is outside the window`);
        }
        if (style.position === 'fixed') break;
      }
    }
    return [...new Set(found)];
  });
}

const PLACES = [
  'fire',
  'agents',
  'agents/1',
  'agents/1/json',
  'agents/1/trigger',
  'agents/1/versions',
  'runs',
  'runs/1',
  'runs/compare/1/2',
  'telephony',
  'telephony/1',
  'telephony/new',
  'keys',
  'requests',
  'settings',
];

for (const direction of ['ltr', 'rtl'] as const) {
  test(`nothing is cut off in long words, ${direction}`, async ({ window: page, served, pages }) => {
    test.setTimeout(120_000);
    await fireAndSettle(page, '+14155550101');
    await fireAndSettle(page, '+14155550102');
    await page.setViewportSize({ width: 960, height: 600 });
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await speak(page, served.control, pages);
    await page.addInitScript((dir) => {
      document.addEventListener('DOMContentLoaded', () => (document.documentElement.dir = dir));
    }, direction);
    for (const place of PLACES) {
      await page.goto('about:blank');
      await page.goto(`${served.control}/#/${place}`);
      await expect(page.locator('main h1')).toBeVisible();
      await expect(page.locator('.loading:visible')).toHaveCount(0);
      await page.evaluate(() => document.fonts.ready);
      await fits(page, `${place}, ${direction}`);
      expect.soft(await cut(page), `${place}, ${direction}`).toEqual([]);
      if (process.env.SWITCHHOOK_SHOTS) {
        const name = place.replaceAll('/', '-');
        await page.screenshot({ path: `${process.env.SWITCHHOOK_SHOTS}/${direction}-${name}.png` });
      }
    }
  });
}
