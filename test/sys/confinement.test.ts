/** In processes of their own: what is forbidden here stays so. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { landlockVersion } from '../../src/sys/landlock.ts';

const SYS = join(import.meta.dirname, '../../dist/sys');
const PRELUDE = `
const { forbidGains } = await import('${SYS}/privileges.js');
const { confineProcess, confineThread } = await import('${SYS}/confinement.js');
const { readFileSync } = await import('node:fs');
const { default: koffi } = await import('koffi');
const c = koffi.load(null);
const outcome = (action) => { try { action(); return 'done'; } catch (error) { return error.code; } };
const say = (value) => console.log(JSON.stringify(value));
console.log('');
forbidGains();
`;

function run(script: string): {
  readonly said: unknown;
  readonly signal: string | null;
  readonly status: number | null;
} {
  const { stdout, stderr, signal, status } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', PRELUDE + script],
    {
      encoding: 'utf8',
      cwd: import.meta.dirname,
    },
  );
  const last = stdout.trim().split('\n').at(-1) ?? '';
  if (last === '' && signal === null) throw new Error(stderr);
  return { said: last === '' ? null : JSON.parse(last), signal, status };
}

const CONFINE = 'const missing = confineProcess({ pid: process.pid, unixServers: false }, true);\n';

describe('a confined process', () => {
  it('needs no right for it, misses nothing, and ends as it should', () => {
    const { said, status } = run(`${CONFINE} say({ missing, file: outcome(() => readFileSync('/etc/passwd')) });`);
    expect(said).toEqual({ missing: '', file: 'EPERM' });
    expect(status).toBe(0);
  });

  it.each([
    ['executes', "c.func('int execv(const char *, void *)')('/bin/true', null)"],
    ['traces', "c.func('long ptrace(int, int, void *, void *)')(0, 0, null, null)"],
    ['mounts', "c.func('int umount2(const char *, int)')('/mnt', 0)"],
    ['makes namespaces', "c.func('int unshare(int)')(0x10000000)"],
  ])('is ended by the kernel when it %s', (_, call) => {
    const { said, signal } = run(`const call = () => ${call}; ${CONFINE} say('confined'); call(); say('went on');`);
    expect(said).toBe('confined');
    expect(signal).toBe('SIGSYS');
  });

  it('has threads, whose calls are filtered as well', () => {
    const { said } = run(`
      const { Worker } = await import('node:worker_threads');
      const code = "import { readFileSync } from 'node:fs'; import { parentPort } from 'node:worker_threads';" +
        "parentPort.postMessage('there'); parentPort.once('message', () => {" +
        "try { readFileSync('/etc/passwd'); parentPort.postMessage('read'); } catch (e) { parentPort.postMessage(e.code); } });";
      const worker = new Worker(new URL('data:text/javascript,' + encodeURIComponent(code)));
      const next = () => new Promise((resolve) => worker.once('message', resolve));
      await next();
      ${CONFINE}
      const told = next();
      worker.postMessage('try');
      say({ missing, told: await told });
      process.exit(0);`);
    expect(said).toEqual({ missing: '', told: 'EPERM' });
  });
});

describe.skipIf(landlockVersion() === 0)('Landlock', () => {
  it('keeps a thread from every path, by itself', () => {
    const { said } = run("say([confineThread(true), outcome(() => readFileSync('/etc/passwd'))]);");
    expect(said).toEqual([true, 'EACCES']);
  });

  it('is not there where no walls are wanted', () => {
    const { said } = run(
      "const missing = confineProcess({ pid: process.pid, unixServers: false }, false); say([missing, outcome(() => readFileSync('/etc/passwd'))]);",
    );
    expect(said).toEqual(['', 'done']);
  });
});
