import { defineConfig } from '@playwright/test';
import tests from './playwright.config';

/** Not a test: `cargo xtask bench --window` measures with it. */
export default defineConfig({
  ...tests,
  testDir: 'e2e/measure',
  testMatch: 'window.ts',
  workers: 1,
  timeout: 300_000,
  reporter: [['./e2e/measure/table.ts']],
  use: { ...tests.use, trace: 'off' },
});
