/** The script that the entry page of ui/dist fetches before anything can be used. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const at = (file: string) => fileURLToPath(new URL(`../dist/${file}`, import.meta.url));

/** The files and their bytes as they go over the wire, gzipped. */
export function firstLoad(): { files: string[]; bytes: number } {
  const wanted = [...readFileSync(at('index.html'), 'utf8').matchAll(/(?:src|href)="\.\/([^"]+\.js)"/g)];
  const files = new Set(wanted.map(([, file]) => file ?? ''));
  // What a script imports when it begins belongs to the first load too; what it imports later does not.
  for (const file of files) {
    const text = readFileSync(at(file), 'utf8');
    for (const [, other] of text.matchAll(/(?:import|export)[^;('"]*?from\s*["']\.\/([^"']+\.js)["']/g))
      files.add(`assets/${other}`);
    for (const [, other] of text.matchAll(/import\s*["']\.\/([^"']+\.js)["']/g)) files.add(`assets/${other}`);
  }
  const bytes = [...files].reduce((sum, file) => sum + gzipSync(readFileSync(at(file))).length, 0);
  return { files: [...files], bytes };
}
