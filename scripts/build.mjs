// Compiles src/ to dist/ and marks the programs as executable. Nothing else: what the package ships is what tsc wrote.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
const tsc = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'], {
  stdio: 'inherit',
});
if (tsc.status !== 0) process.exit(tsc.status ?? 1);
for (const program of ['dist/cli/tandem.js', 'dist/cli/tandem-haproxy.js', 'dist/cli/tandem-keepalived.js']) {
  if (existsSync(program)) chmodSync(program, 0o755);
}
