// Compiles src/ to dist/, with the types of what other programs may import, bundles the dashboard's page beside its server, and
// marks the programs as executable. Nothing else: what the package ships is what tsc wrote, and one script for browsers.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, rmSync } from 'node:fs';
import { build } from 'rolldown';

function compile(project) {
  const tsc = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', project], { stdio: 'inherit' });
  if (tsc.status !== 0) process.exit(tsc.status ?? 1);
}

rmSync('dist', { recursive: true, force: true });
compile('tsconfig.json');
for (const program of ['dist/cli/tandem.js', 'dist/cli/tandem-haproxy.js', 'dist/cli/tandem-keepalived.js']) {
  if (existsSync(program)) chmodSync(program, 0o755);
}

// One file's types are a promise; those of all that it imports are none.
compile('tsconfig.types.json');
copyFileSync('dist/types/cli/library.d.ts', 'dist/cli/library.d.ts');
rmSync('dist/types', { recursive: true });

const page = 'src/web/dashboard/page';
const built = 'dist/web/dashboard/page';
await build({
  input: `${page}/dashboard.ts`,
  tsconfig: 'tsconfig.page.json',
  output: { file: `${built}/dashboard.js`, format: 'es', minify: true },
  logLevel: 'warn',
});
for (const file of ['index.html', 'style.css', 'icon.svg']) copyFileSync(`${page}/${file}`, `${built}/${file}`);
