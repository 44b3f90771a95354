import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// `make console-dev` proxies the API to a running server. The server compares Origin with its own
// address, so the proxy speaks as that address.
const server = process.env.PRELOOP_URL ?? 'http://127.0.0.1:8000';

export default defineConfig({
  plugins: [react()],
  // The server puts a fresh nonce in its place in each answer (src/app/console_page.cc).
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    target: ['chrome114', 'firefox115', 'safari16.4'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    host: '127.0.0.1',
    proxy: {
      '/api': { target: server, changeOrigin: true, headers: { Origin: server } },
    },
  },
});
