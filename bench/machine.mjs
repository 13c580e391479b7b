// The machine and the versions that a table of numbers belongs to.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';

const PATH = `${process.env['PATH']}:/usr/sbin:/sbin`;

function firstLine(program, args) {
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env: { ...process.env, PATH } });
  return `${stdout ?? ''}${stderr ?? ''}`.split('\n')[0].trim();
}

export function machineLines() {
  const [cpu] = cpus();
  const gib = (totalmem() / 1024 ** 3).toFixed(1);
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8'));
  return [
    `machine: ${cpus().length} × ${cpu?.model.trim()}, ${gib} GiB, Linux ${release()}`,
    `tandem ${version} on Node ${process.version}; ${firstLine('haproxy', ['-v'])}; ${firstLine('nginx', ['-v'])}; ${firstLine('wrk', ['-v'])}`,
  ];
}

/** Programs that the bench needs and this machine lacks. */
export function missingPrograms() {
  const needed = { haproxy: 'haproxy', nginx: 'nginx', wrk: 'wrk', taskset: 'util-linux', bash: 'bash' };
  return Object.entries(needed)
    .filter(
      ([program]) => spawnSync('sh', ['-c', `command -v ${program}`], { env: { ...process.env, PATH } }).status !== 0,
    )
    .map(([, debian]) => debian);
}
