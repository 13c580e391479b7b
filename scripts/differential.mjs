// `npm run differential`: runs test/e2e/differential/by-hand.ts, which is TypeScript, like scripts/fuzz.mjs.
import { createViteServer } from 'vitest/node';

const server = await createViteServer({
  configFile: false,
  logLevel: 'error',
  server: { middlewareMode: true, watch: null, ws: false },
  optimizeDeps: { noDiscovery: true },
});
try {
  await server.ssrLoadModule('/test/e2e/differential/by-hand.ts');
} catch (error) {
  console.error(error instanceof Error ? error.stack : error);
  process.exitCode = 1;
} finally {
  await server.close();
}
