/** What `npm pack` makes, installed globally in an empty place without running any script, and used. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connects, freePort } from '../support/ports.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'tandem-npm-'));
const prefix = join(folder, 'prefix');
const installed = join(prefix, 'lib', 'node_modules', 'tandem-lb');

function run(program: string, args: readonly string[], cwd = folder): { status: number | null; out: string } {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  return { status, out: status === 0 ? stdout : `${stdout}${stderr}` };
}

let packed: readonly string[] = [];

beforeAll(() => {
  // A copy: packing would build anew, and others run what is in dist meanwhile.
  const copy = join(folder, 'copy');
  mkdirSync(copy);
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly files: readonly string[];
  };
  const wanted = ['package.json', ...files.filter((name) => !name.startsWith('!'))];
  for (const name of wanted) cpSync(join(root, name), join(copy, name), { recursive: true });
  const pack = run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], copy);
  expect(pack.status, pack.out).toBe(0);
  const [made] = JSON.parse(pack.out) as readonly { readonly filename: string; readonly files: { path: string }[] }[];
  packed = made?.files.map(({ path }) => path) ?? [];
  const install = [
    'install',
    '--global',
    '--prefix',
    prefix,
    '--ignore-scripts',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
  ];
  const result = run('npm', [...install, join(folder, made?.filename ?? '')]);
  expect(result.status, result.out).toBe(0);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('npm package', () => {
  it('has what is needed, and nothing of the development', () => {
    for (const path of [
      'dist/cli/tandem.js',
      'dist/cli/library.d.ts',
      'examples/tandem.service',
      'man/tandem.8',
      'LICENSE',
    ]) {
      expect(packed).toContain(path);
    }
    expect(packed.filter((path) => /^(src|test|bench|scripts|node_modules)\/|\.map$|^package-lock/.test(path))).toEqual(
      [],
    );
    const { scripts } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { scripts: object };
    expect(Object.keys(scripts).filter((name) => /^(pre|post)?install$/.test(name))).toEqual([]);
  });

  it('brings what it imports, and no tools', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
      'dependencies' | 'devDependencies',
      object
    >;
    const names = readdirSync(join(installed, 'node_modules'));
    expect(names).toEqual(expect.arrayContaining(Object.keys(dependencies)));
    expect(Object.keys(devDependencies).filter((name) => names.includes(name))).toEqual([]);
  });

  it('brings three programs and their man pages', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(run(join(prefix, 'bin', 'tandem'), ['--version']).out).toBe(`tandem ${version}\n`);
    expect(run(join(prefix, 'bin', 'tandem-haproxy'), ['-v']).out).toMatch(/^Tandem version /);
    expect(run(join(prefix, 'bin', 'tandem-keepalived'), ['--version']).status).toBe(0);
    for (const page of ['man1/tandem.1', 'man5/tandem.cfg.5', 'man8/tandem.8', 'man8/tandem-haproxy.8']) {
      expect(existsSync(join(prefix, 'share', 'man', page)), page).toBe(true);
    }
  });

  it('checks, and serves', async () => {
    const server = createServer((_request, response) => response.end('hi'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const port = await freePort();
    const file = join(folder, 'haproxy.cfg');
    const backend = (server.address() as AddressInfo).port;
    const times = 'timeout client 60s\n timeout server 60s\n timeout connect 60s';
    writeFileSync(file, `listen web\n mode http\n ${times}\n bind 127.0.0.1:${port}\n server s 127.0.0.1:${backend}\n`);
    const tandem = join(prefix, 'bin', 'tandem');
    expect(run(tandem, ['check', '-f', file])).toEqual({ status: 0, out: 'Configuration file is valid\n' });
    const child = spawn(tandem, ['run', '-f', file], { stdio: 'ignore' });
    try {
      for (const deadline = Date.now() + 60_000; !(await connects(port)) && Date.now() < deadline; ) await sleep(20);
      expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('hi');
    } finally {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
      server.close();
    }
  });

  it('is a library with types', () => {
    const project = join(folder, 'project');
    mkdirSync(join(project, 'node_modules'), { recursive: true });
    symlinkSync(installed, join(project, 'node_modules', 'tandem-lb'));
    writeFileSync(join(project, 'package.json'), '{"type":"module"}');
    writeFileSync(
      join(project, 'program.mts'),
      `import { check, type Finding, type Verdict } from 'tandem-lb';
const text: string = 'listen a\\n bind :80\\n blance roundrobin\\n';
const verdict: Verdict = await check([{ name: 'a.cfg', text }], { here: false });
const [first]: readonly Finding[] = verdict.findings.filter(({ severity }) => severity === 'error');
process.stdout.write(\`\${verdict.ok} \${first?.line} \${first?.hint}\`);
`,
    );
    const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules', '@types')];
    const options = ['--strict', '--module', 'nodenext', '--target', 'es2023', ...types];
    expect(run(process.execPath, [compiler, ...options, 'program.mts'], project)).toEqual({ status: 0, out: '' });
    const result = run(process.execPath, ['program.mjs'], project);
    expect(result).toEqual({ status: 0, out: "false 3 did you mean 'balance'?" });
    const inside = run(process.execPath, ['-e', "import('tandem-lb/dist/cli/run.js')"], project);
    expect(inside.out).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });
});
