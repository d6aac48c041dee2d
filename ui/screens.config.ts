import { defineConfig } from '@playwright/test';
import tests from './playwright.config';

/** Not a test: `cargo xtask screens` takes the pictures in docs/screens with it. */
export default defineConfig({
  ...tests,
  testDir: 'e2e/screens',
  testMatch: 'take.ts',
  workers: 1,
  timeout: 300_000,
  use: { ...tests.use, trace: 'off', locale: 'en-GB', timezoneId: 'Europe/London' },
});
