// Compiles src/ to dist/, bundles the dashboard's page beside its server, and marks the programs as executable. Nothing else:
// what the package ships is what tsc wrote, and one script for browsers.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, rmSync } from 'node:fs';
import { build } from 'rolldown';

rmSync('dist', { recursive: true, force: true });
const tsc = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'], {
  stdio: 'inherit',
});
if (tsc.status !== 0) process.exit(tsc.status ?? 1);
for (const program of ['dist/cli/tandem.js', 'dist/cli/tandem-haproxy.js', 'dist/cli/tandem-keepalived.js']) {
  if (existsSync(program)) chmodSync(program, 0o755);
}

const page = 'src/web/dashboard/page';
const built = 'dist/web/dashboard/page';
await build({
  input: `${page}/dashboard.ts`,
  tsconfig: 'tsconfig.page.json',
  output: { file: `${built}/dashboard.js`, format: 'es', minify: true },
  logLevel: 'warn',
});
for (const file of ['index.html', 'style.css', 'icon.svg']) copyFileSync(`${page}/${file}`, `${built}/${file}`);
