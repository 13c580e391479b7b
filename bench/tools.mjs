// Packages that only the bench uses (autocannon, http-proxy-3): installed when a run needs them, at the versions of
// bench/tools/package-lock.json, into bench/out/tools. `npm ci` of the project stays without them.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const WANTED = join(import.meta.dirname, 'tools');
const INSTALLED = join(import.meta.dirname, 'out', 'tools');
const INSTALL_MS = 120_000;

const lock = (folder) => readFileSync(join(folder, 'package-lock.json'), 'utf8');

/** The folder of the packages; undefined when they cannot be had (no network). */
export function installTools() {
  const modules = join(INSTALLED, 'node_modules');
  if (existsSync(modules) && lock(INSTALLED) === lock(WANTED)) return modules;
  console.log('installing autocannon and http-proxy-3 into bench/out/tools …');
  mkdirSync(INSTALLED, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(WANTED, file), join(INSTALLED, file));
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], {
    cwd: INSTALLED,
    timeout: INSTALL_MS,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return status === 0 && existsSync(modules) ? modules : undefined;
}

export function toolVersions() {
  const { dependencies } = JSON.parse(readFileSync(join(WANTED, 'package.json'), 'utf8'));
  return Object.entries(dependencies).map(([name, version]) => `${name} ${version}`);
}
