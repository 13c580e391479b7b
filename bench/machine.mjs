// The machine and the versions that a table of numbers belongs to.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { ENVIRONMENT } from './programs.mjs';
import { toolVersions } from './tools.mjs';

function firstLine(program, args) {
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env: ENVIRONMENT });
  return `${stdout ?? ''}${stderr ?? ''}`.split('\n')[0].trim();
}

const version = (program, args) => /\d+\.\d+[\w.]*/.exec(firstLine(program, args))?.[0] ?? '?';

/** As data, and as `lines` for people. */
export function describeMachine() {
  const [cpu] = cpus();
  const own = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8'));
  const machine = {
    cpu: cpu?.model.trim() ?? '?',
    cores: cpus().length,
    memoryGib: Number((totalmem() / 1024 ** 3).toFixed(1)),
    kernel: release(),
    tandem: own.version,
    node: process.versions.node,
    undici: JSON.parse(readFileSync(join(import.meta.dirname, '..', 'node_modules', 'undici', 'package.json'), 'utf8'))
      .version,
    haproxy: version('haproxy', ['-v']),
    nginx: version('nginx', ['-v']),
    wrk: version('wrk', ['-v']),
  };
  const lines = [
    `${machine.cores} × ${machine.cpu}, ${machine.memoryGib} GiB, Linux ${machine.kernel}`,
    `tandem ${machine.tandem} on Node ${machine.node}, haproxy ${machine.haproxy}, nginx ${machine.nginx}, wrk ${machine.wrk}, undici ${machine.undici}, ${toolVersions().join(', ')}`,
  ];
  return { ...machine, lines };
}

/** Debian packages that the bench needs and this machine lacks. */
export function missingPrograms(needed) {
  const missing = Object.entries(needed).filter(
    ([program]) => spawnSync('sh', ['-c', `command -v ${program}`], { env: ENVIRONMENT }).status !== 0,
  );
  return [...new Set(missing.map(([, debian]) => debian))];
}

/** What any run needs: servers, load, and the tools of a shell. */
export const NEEDED = { nginx: 'nginx', wrk: 'wrk', taskset: 'util-linux', setpriv: 'util-linux', bash: 'bash' };
