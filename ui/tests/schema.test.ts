import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('the generated types belong to the OpenAPI snapshot (npm run api:generate)', () => {
  const ui = fileURLToPath(new URL('..', import.meta.url));
  const generator = path.join(ui, 'node_modules/openapi-typescript/bin/cli.js');
  const fresh = execFileSync(process.execPath, [generator, 'openapi.json'], { cwd: ui, encoding: 'utf8' });
  expect(readFileSync(path.join(ui, 'src/lib/api/schema.d.ts'), 'utf8').trim()).toBe(fresh.trim());
}, 30_000);
