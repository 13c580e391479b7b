// `npm run fuzz`: runs test/fuzz/by-hand.ts, which is TypeScript, with vitest's own loader: Node 20 cannot by itself.
import { createViteServer } from 'vitest/node';

const server = await createViteServer({
  configFile: false,
  logLevel: 'error',
  server: { middlewareMode: true, watch: null, ws: false },
  optimizeDeps: { noDiscovery: true },
});
try {
  await server.ssrLoadModule('/test/fuzz/by-hand.ts');
} catch (error) {
  console.error(error instanceof Error ? error.stack : error);
  process.exitCode = 1;
} finally {
  await server.close();
}
