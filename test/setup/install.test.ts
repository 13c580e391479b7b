import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installSteps, NO_SYSTEMD, uninstallSteps } from '../../src/setup/install.ts';
import { isPlainPath, PACKAGED_PATHS, packagedFiles, UNIT_PATH } from '../../src/setup/packaged-files.ts';
import { isHidden, programOf } from '../../src/setup/program.ts';
import { isUntouched, stamped } from '../../src/setup/stamp.ts';
import { doAll, type Step } from '../../src/setup/steps.ts';
import { FakeBox } from '../support/fake-box.ts';
import { modelOf } from '../support/model.ts';

const UNIT = readFileSync(join(import.meta.dirname, '..', '..', 'examples', 'tandem.service'), 'utf8');
const input = { unit: UNIT, program: '/opt/tandem', files: ['/etc/a.cfg'], model: null, hasRsyslog: true };

let box: FakeBox;
beforeEach(() => {
  box = new FakeBox();
});
afterEach(() => box.destroy());

const deeds = (steps: readonly Step[]) =>
  steps.map((step) => (step.kind === 'run' ? step.argv.join(' ') : `${step.kind} ${step.path}`));
const install = (more: Partial<typeof input> = {}, force = false) =>
  installSteps(packagedFiles({ ...input, ...more }), box, force);

describe('installing', () => {
  it('writes all files, and tells systemd of them', async () => {
    box.boot();
    const { steps, notes } = install();
    expect(notes).toEqual([]);
    expect(deeds(steps)).toEqual([
      'write /etc/systemd/system/tandem.service',
      'write /etc/sysusers.d/tandem.conf',
      'write /etc/tmpfiles.d/tandem.conf',
      'write /etc/logrotate.d/tandem',
      'write /etc/default/tandem',
      'write /etc/rsyslog.d/49-tandem.conf',
      'systemd-sysusers /etc/sysusers.d/tandem.conf',
      'systemd-tmpfiles --create /etc/tmpfiles.d/tandem.conf',
      'systemctl daemon-reload',
    ]);
    expect(await doAll(steps, box, () => {})).toBe(true);
    expect(box.read('/etc/default/tandem')).toContain('\nTANDEM_FILES="-f /etc/a.cfg"\n');
    const unit = box.read(UNIT_PATH) ?? '';
    expect(unit).toContain('\nExecStartPre=/opt/tandem check $TANDEM_FILES\nExecStart=/opt/tandem run $TANDEM_FILES\n');
    expect(unit).not.toContain('/usr/local/bin');
  });

  it('a second time does nothing', async () => {
    box.boot();
    await doAll(install().steps, box, () => {});
    const { steps, notes } = install();
    expect(steps).toEqual([]);
    expect(notes.length).toBe(PACKAGED_PATHS.length);
  });

  it('replaces what it wrote itself, and nothing that somebody has changed', async () => {
    await doAll(install().steps, box, () => {});
    box.put('/etc/default/tandem', `${box.read('/etc/default/tandem')}OWN=1\n`);
    const { steps, notes } = install({ program: '/opt/other', files: ['/etc/b.cfg'] });
    expect(deeds(steps)).toEqual([`write ${UNIT_PATH}`]);
    expect(notes).toContain('/etc/default/tandem was changed by somebody, and stays as it is (--force writes it anew)');
    expect(notes).toContain(NO_SYSTEMD);
    expect(deeds(install({ files: ['/etc/b.cfg'] }, true).steps)).toEqual(['write /etc/default/tandem']);
  });

  it('leaves links alone: somebody has masked it, or keeps it elsewhere', () => {
    mkdirSync(dirname(box.real(UNIT_PATH)), { recursive: true });
    symlinkSync('/dev/null', box.real(UNIT_PATH));
    const { steps, notes } = install();
    expect(deeds(steps)).not.toContain(`write ${UNIT_PATH}`);
    expect(notes[0]).toContain(UNIT_PATH);
  });

  it('makes the folders below /run that the sockets and the pid file need', () => {
    const model = modelOf(`global
 pidfile /run/x/pid
 stats socket /var/run/haproxy/admin.sock
 stats socket /srv/s.sock
listen a
 mode tcp
 timeout client 1s
 timeout server 1s
 timeout connect 1s
 bind /run/tandem/a.sock
 bind 127.0.0.1:1
`);
    const text = packagedFiles({ ...input, model }).find(({ path }) => path.startsWith('/etc/tmpfiles.d'))?.text;
    expect(text?.split('\n').filter((line) => line.startsWith('d '))).toEqual([
      'd /run/tandem 0755 root root -',
      'd /var/lib/tandem 0755 root root -',
      'd /run/haproxy 0755 root root -',
      'd /run/x 0755 root root -',
    ]);
  });

  it('stops at the first step that fails, and says why', async () => {
    box.boot();
    box.answer = (command) => (command.startsWith('systemd-tmpfiles') ? { ok: false, output: 'no\nway\n' } : {});
    const said: string[] = [];
    expect(await doAll(install().steps, box, (line) => said.push(line))).toBe(false);
    expect(said.slice(-2)).toEqual([
      '  8. systemd-tmpfiles --create /etc/tmpfiles.d/tandem.conf',
      '     failed: no\n     way',
    ]);
    expect(box.ran.at(-1)).toMatch(/^systemd-tmpfiles/);
  });

  it('a file that cannot be written is a step that fails, and leaves nothing of it', async () => {
    box.put('/etc/default', 'a file where the folder should be');
    const said: string[] = [];
    expect(await doAll(install().steps, box, (line) => said.push(line))).toBe(false);
    expect(said.at(-1)).toMatch(/failed: E(NOTDIR|EXIST)/);
  });
});

describe('uninstalling', () => {
  it('ends the service and removes what nobody has changed', async () => {
    box.boot();
    await doAll(install().steps, box, () => {});
    box.put('/etc/logrotate.d/tandem', 'mine\n');
    const { steps, notes } = uninstallSteps(box, false);
    expect(deeds(steps)).toEqual([
      'systemctl disable --now tandem.service',
      ...PACKAGED_PATHS.filter((path) => path !== '/etc/logrotate.d/tandem').map((path) => `remove ${path}`),
      'systemctl daemon-reload',
    ]);
    expect(notes).toEqual(['/etc/logrotate.d/tandem was changed by somebody, and stays (--force removes it)']);
    await doAll(steps, box, () => {});
    expect(PACKAGED_PATHS.filter((path) => box.isThere(path))).toEqual(['/etc/logrotate.d/tandem']);
    expect(deeds(uninstallSteps(box, true).steps)).toEqual(['remove /etc/logrotate.d/tandem']);
  });

  it('has nothing to do where nothing is', () => {
    box.boot();
    expect(uninstallSteps(box, false)).toEqual({ steps: [], notes: [] });
  });
});

describe('the last line of a file', () => {
  it.each([
    ['untouched', (text: string) => text, true],
    ['changed before it', (text: string) => text.replace('a', 'b'), false],
    ['more behind it', (text: string) => `${text}x\n`, false],
    ['without it', (text: string) => text.slice(0, text.indexOf('#')), false],
    ['a part of it', (text: string) => text.slice(0, -1), false],
    ['empty', () => '', false],
  ])('%s', (_, change, expected) => {
    expect(isUntouched(change(stamped('a = 1\n')))).toBe(expected);
  });
});

describe('the program in a unit', () => {
  const links: Readonly<Record<string, string>> = {
    '/usr/local/bin/tandem': '/usr/local/lib/node_modules/tandem-lb/dist/cli/tandem.js',
    '/usr/bin/node': '/usr/bin/node',
    '/opt/node/bin/node': '/opt/node/bin/node',
  };
  const resolve = (path: string): string | null => links[path] ?? null;
  it.each([
    [
      'is one word where services find the same Node',
      '/usr/local/bin/tandem',
      '/usr/bin/node',
      '/usr/local/bin/tandem',
    ],
    [
      'names Node where they would find another one',
      '/usr/local/bin/tandem',
      '/opt/node/bin/node',
      '/opt/node/bin/node /usr/local/lib/node_modules/tandem-lb/dist/cli/tandem.js',
    ],
    [
      'names it where it was called so',
      '/srv/dist/cli/tandem.js',
      '/usr/bin/node',
      '/usr/bin/node /srv/dist/cli/tandem.js',
    ],
  ])('%s', (_, script, node, expected) => {
    expect(programOf({ script, node }, resolve)).toBe(expected);
  });

  it('and its files are where a service can see them, and need no quotes', () => {
    expect(['/home/a/x', '/root/x', '/tmp/x', '/etc/home/x', '/opt/x'].map(isHidden)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(['/etc/a.cfg', 'a.cfg', '/etc/a b', '/etc/$A', '/etc/a"', '/etc/100%'].map(isPlainPath)).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});
