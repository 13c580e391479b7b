/** `tandem install` and `tandem migrate` on a machine whose systemctl only writes down what it is told. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { NamespaceLab } from '../support/namespaces.ts';
import { describeWithPeer, programPath } from '../support/peers.ts';
import { Sandbox } from '../support/sandbox.ts';

const HAPROXY_CFG = `global
 stats socket /run/haproxy/admin.sock
defaults
 mode http
 timeout connect 1s
 timeout client 1s
 timeout server 1s
listen web
 bind 127.0.0.1:27080
 server s 127.0.0.1:27081
`;
const KEEPALIVED_CONF = `vrrp_instance V {
 interface eth7
 state BACKUP
 virtual_router_id 7
 virtual_ipaddress {
  10.9.8.7/24
 }
}
`;
/** A unit is what its file in /etc/fake says. */
const SYSTEMCTL = `for unit; do :; done
case "$1" in
  show) cat "/etc/fake/$unit" 2>/dev/null || printf 'LoadState=not-found\\nActiveState=inactive\\nUnitFileState=\\n' ;;
esac
if [ -e /etc/fake/broken ] && [ "$1 $2 $3" = "$(cat /etc/fake/broken)" ]; then
  echo "Job for $unit failed." >&2
  exit 1
fi`;
const RUNS = 'LoadState=loaded\nActiveState=active\nUnitFileState=enabled\n';

/** Each test starts some programs one after the other. */
vi.setConfig({ testTimeout: 180_000 });

const lab = new NamespaceLab();
let box: Sandbox;
beforeEach(() => {
  const space = lab.add('box');
  lab.bridge(space, 'eth7', '10.9.8.1/24');
  box = new Sandbox(space.exec);
  box.fake('systemctl', SYSTEMCTL);
  for (const name of ['haproxy', 'keepalived', 'systemd-sysusers', 'systemd-tmpfiles']) box.fake(name);
  box.put('/etc/haproxy/haproxy.cfg', HAPROXY_CFG);
  box.put('/etc/keepalived/keepalived.conf', KEEPALIVED_CONF);
  box.put('/etc/default/haproxy', '');
  for (const unit of ['haproxy', 'keepalived']) box.put(`/etc/fake/${unit}.service`, RUNS);
});
afterEach(async () => {
  box.remove();
  await lab.remove();
});

const shows = ['haproxy', 'keepalived'].map(
  (unit) => `systemctl show --property=LoadState,UnitFileState,ActiveState ${unit}.service`,
);

describeWithPeer(['netns', 'ip', 'systemd-analyze'], 'tandem install', () => {
  it('writes a unit that systemd understands, that is not exposed by more than 3.0, and is removed again', () => {
    const { status, stdout, stderr } = box.tandem('install');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^ {2}1\. write \/etc\/systemd\/system\/tandem\.service\n/);
    const unit = '/etc/systemd/system/tandem.service';
    const verified = box.run(programPath('systemd-analyze'), 'verify', unit);
    expect(verified.stderr.split('\n').filter((line) => line.includes('tandem.service'))).toEqual([]);
    const judged = box.run(programPath('systemd-analyze'), 'security', '--offline=true', '--threshold=30', unit);
    expect([judged.status, judged.stdout]).toEqual([0, expect.stringMatching(/exposure level for .*: [0-3]\.0 /)]);
    expect(readFileSync(box.real('/etc/default/tandem'), 'utf8')).toContain(
      'TANDEM_FILES="-f /etc/haproxy/haproxy.cfg -f /etc/keepalived/keepalived.conf"',
    );
    expect(readFileSync(box.real('/etc/tmpfiles.d/tandem.conf'), 'utf8')).toContain('d /run/haproxy 0755');
    expect(box.calls()).toEqual([
      'systemd-sysusers /etc/sysusers.d/tandem.conf',
      'systemd-tmpfiles --create /etc/tmpfiles.d/tandem.conf',
      'systemctl daemon-reload',
    ]);
    expect(box.tandem('install').stdout).toContain('Nothing is to be done.');
    expect(box.calls()).toEqual([]);
    expect(box.tandem('uninstall').status).toBe(0);
    expect(box.calls()).toEqual(['systemctl disable --now tandem.service', 'systemctl daemon-reload']);
    expect([unit, '/etc/default/tandem', '/etc/sysusers.d/tandem.conf'].filter((path) => box.has(path))).toEqual([]);
  });

  it('refuses to make a service of a program, or of files, that the unit hides', () => {
    box.put('/run/tandem-lb/x', '');
    const inTmp = box.run(
      'sh',
      '-c',
      'cp -r /etc/tandem-lb/dist /etc/tandem-lb/package.json /etc/tandem-lb/examples /run/tandem-lb; mount --bind /run /tmp; ln -s /etc/tandem-lb/node_modules /tmp/tandem-lb/node_modules; exec /etc/node /tmp/tandem-lb/dist/cli/tandem.js install',
    );
    expect([inTmp.status, inTmp.stderr]).toEqual([
      1,
      expect.stringContaining('/tmp/tandem-lb/dist/cli/tandem.js cannot be seen'),
    ]);
    const file = box.tandem('install', '--haproxy-cfg', '/root/haproxy.cfg');
    expect([file.status, file.stderr]).toEqual([1, expect.stringContaining('/root/haproxy.cfg cannot be seen')]);
    expect(box.has('/etc/systemd/system/tandem.service')).toBe(false);
  });

  it('files that systemd itself would read are such', () => {
    box.tandem('install');
    const users = box.run('/usr/bin/systemd-sysusers', '--dry-run', '/etc/sysusers.d/tandem.conf');
    expect([users.status, users.stderr]).toEqual([0, expect.stringContaining('tandem')]);
    const folders = box.run(
      '/usr/bin/systemd-tmpfiles',
      '--create',
      '--prefix=/run/tandem',
      '/etc/tmpfiles.d/tandem.conf',
    );
    expect([folders.status, folders.stderr, box.has('/run/tandem')]).toEqual([0, '', true]);
  });
});

describeWithPeer(['netns', 'ip'], 'tandem migrate', () => {
  it('says each step, does them in the order that keeps the addresses served, and goes back', () => {
    const dry = box.tandem('migrate');
    expect([dry.status, dry.stderr]).toEqual([0, '']);
    expect(dry.stdout).toContain('Nothing was done: tandem migrate --to tandem --apply does it.');
    expect(box.calls()).toEqual(shows);
    expect(box.has('/etc/systemd/system/tandem.service')).toBe(false);

    const there = box.tandem('migrate', '--apply');
    expect([there.status, there.stderr]).toEqual([0, '']);
    expect(there.stdout).toContain('Done. To go back: tandem migrate --to haproxy --apply');
    const deeds = box.calls().slice(shows.length);
    expect(deeds).toEqual([
      'systemd-sysusers /etc/sysusers.d/tandem.conf',
      'systemd-tmpfiles --create /etc/tmpfiles.d/tandem.conf',
      'systemctl daemon-reload',
      'systemctl disable --now keepalived.service',
      'systemctl disable --now haproxy.service',
      'systemctl enable --now tandem.service',
    ]);
    // What was said before is what was done.
    for (const deed of deeds) expect(dry.stdout).toContain(`. ${deed}\n`);

    const back = box.tandem('migrate', '--to', 'haproxy', '--apply');
    expect([back.status, back.stderr]).toEqual([0, '']);
    expect(box.calls().slice(shows.length)).toEqual([
      'haproxy -c -q -f /etc/haproxy/haproxy.cfg',
      'keepalived -t -f /etc/keepalived/keepalived.conf',
      'systemctl disable --now tandem.service',
      'systemctl enable --now haproxy.service',
      'systemctl enable --now keepalived.service',
    ]);
    expect(box.has('/var/lib/tandem/migration.json')).toBe(false);
  });

  it('stops at the step that fails, and says why and how to go back', () => {
    box.put('/etc/fake/broken', 'enable --now tandem.service');
    const { status, stdout, stderr } = box.tandem('migrate', '--apply');
    expect(status).toBe(1);
    expect(stdout).toMatch(
      /\d+\. systemctl enable --now tandem\.service\n.*\n {5}failed: Job for tandem\.service failed\.\n$/,
    );
    expect(stderr).toContain('To go back: tandem migrate --to haproxy --apply');
    expect(box.has('/var/lib/tandem/migration.json')).toBe(true);
  });

  it('does nothing where a file asks for what Tandem cannot do, or the old programs refuse theirs', () => {
    writeFileSync(box.real('/etc/haproxy/haproxy.cfg'), `${HAPROXY_CFG} http-request lua.x\n`);
    const there = box.tandem('migrate', '--apply');
    expect([there.status, box.calls()]).toEqual([1, shows]);
    expect(there.stderr).toMatch(/^\/etc\/haproxy\/haproxy\.cfg:11:\d+: error: /);
    expect(there.stderr).toContain('nothing was done');
    box.fake('haproxy', 'echo "line 11: no" >&2; exit 1');
    const back = box.tandem('migrate', '--to', 'haproxy', '--apply');
    expect([back.status, box.calls()]).toEqual([1, [...shows, 'haproxy -c -q -f /etc/haproxy/haproxy.cfg']]);
    expect(back.stderr).toContain('line 11: no');
  });

  it('says what will not be carried over, and that the box with the addresses comes last', () => {
    box.put('/etc/default/haproxy', 'CONFIG="/etc/haproxy/live.cfg"\nEXTRAOPTS="-m 16"\n');
    box.put('/etc/haproxy/live.cfg', HAPROXY_CFG);
    const { stdout } = box.run(
      ...['sh', '-c', 'ip addr add 10.9.8.7/24 dev eth7; exec "$@"', 'sh'],
      ...['/etc/node', '/etc/tandem-lb/dist/cli/tandem.js', 'migrate'],
    );
    expect(stdout).toContain('Files: /etc/haproxy/live.cfg, /etc/keepalived/keepalived.conf\n');
    expect(stdout).toContain('note: /etc/default/haproxy: EXTRAOPTS="-m 16" is not carried over\n');
    expect(stdout).toContain('note: this box has 10.9.8.7 now: take the other box first');
  });

  it('prepares a folder that is to become a machine', () => {
    box.put('/etc/image/etc/haproxy/haproxy.cfg', HAPROXY_CFG);
    box.fake('systemctl', 'case "$2" in is-enabled) case "$3" in haproxy*) echo enabled;; *) exit 1;; esac;; esac');
    const { status, stderr } = box.tandem('migrate', '--apply', '--root', '/etc/image');
    expect([status, stderr]).toEqual([0, '']);
    expect(box.calls().slice(2)).toEqual([
      'systemctl --root=/etc/image disable haproxy.service',
      'systemctl --root=/etc/image enable tandem.service',
    ]);
    expect(box.has('/etc/image/etc/systemd/system/tandem.service')).toBe(true);
    expect(box.has('/etc/systemd/system/tandem.service')).toBe(false);
  });
});
