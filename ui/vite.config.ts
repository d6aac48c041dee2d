/// <reference types="vitest/config" />
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

// The address of a running `switchhook serve`, so that `npm run dev` has an API behind it.
const control = process.env.SWITCHHOOK_DEV_CONTROL ?? 'http://127.0.0.1:4666';

export default defineConfig({
  plugins: [svelte()],
  // Relative, because the same files are served by the control listener and by the desktop's own scheme.
  base: './',
  resolve: { alias: { $lib: fileURLToPath(new URL('./src/lib', import.meta.url)) } },
  build: {
    target: ['chrome111', 'safari16.4'],
    // The content security policy allows fonts from files only, so nothing may become a data: URL.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
  },
  server: {
    port: 5173,
    strictPort: true,
    proxy: { '/api': { target: control, changeOrigin: true } },
  },
  test: { include: ['src/**/*.test.ts', 'tests/**/*.test.ts'] },
});
