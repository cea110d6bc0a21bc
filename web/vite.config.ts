import { defineConfig } from 'vitest/config';

// Three pages, served by polyroom itself under /static/. The server's Content-Security-Policy allows
// no inline script, so nothing may be inlined: no module-preload polyfill, no data: assets.
export default defineConfig({
  base: '/static/',
  build: {
    outDir: '../src/polyroom/site/static',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Nearly all of it is livekit-client; there is nothing to show without it, so one file is best.
    chunkSizeWarningLimit: 900,
    rollupOptions: {
      input: {
        home: 'home.html',
        meeting: 'meeting.html',
        console: 'console.html',
      },
    },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
