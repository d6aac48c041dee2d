import { defineConfig } from '@playwright/test';

/**
 * The window against a real `switchhook serve`: every worker starts its own on a fresh data folder
 * (see e2e/serve.ts). Debian's Chromium is used, because no browser is downloaded here.
 */
export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  forbidOnly: !!process.env.CI,
  // A retry would hide a flaky test.
  retries: 0,
  workers: 2,
  timeout: 30_000,
  expect: { timeout: 10_000 },
  // Where nobody looks on, a failure is easier to find without the tests that passed.
  reporter: [[process.env.CI ? 'dot' : 'list']],
  use: {
    browserName: 'chromium',
    viewport: { width: 1280, height: 800 },
    trace: 'retain-on-failure',
    permissions: ['clipboard-read', 'clipboard-write'],
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
