/** `tandem check` of a keepalived.conf on a box where everything is wrong that it looks for, and on one where nothing is. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Namespace, NamespaceLab } from '../support/namespaces.ts';
import { describeAsRoot } from '../support/peers.ts';

const TANDEM = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'tandem.js');

const conf = (lines: string, vips: string) =>
  `vrrp_instance VI_1 {\n  interface eth0\n  virtual_router_id 51\n  ${lines}\n  virtual_ipaddress {\n    ${vips}\n  }\n}\n`;

describeAsRoot('tandem check', () => {
  const lab = new NamespaceLab();
  const folder = mkdtempSync(join(tmpdir(), 'tandem-check-'));
  let box: Namespace;

  beforeAll(() => {
    box = lab.add('check');
    lab.link(lab.add('far'), {}, box, '10.77.0.1/24', 'eth0');
  });
  afterAll(async () => {
    await lab.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const check = (prefix: readonly string[], ...args: string[]) => {
    const [program = '', ...rest] = [...box.exec, ...prefix, process.execPath, TANDEM, 'check', ...args];
    const { status, stdout, stderr } = spawnSync(program, rest, { encoding: 'utf8' });
    return { status, stdout, warnings: stderr.split('\n').filter((line) => line.includes(': warning: ')) };
  };

  it('says all of it, and the election of both nodes, the rules, the socket', () => {
    lab.run(box, 'nft', 'add table inet f; add chain inet f in { type filter hook input priority 0; policy drop; }');
    const own = file('own.conf', conf('state MASTER\n  nopreempt\n  priority 150', '10.77.0.100\n    10.78.0.100/24'));
    const peer = file('peer.conf', conf('priority 100', '10.77.0.100\n    10.78.0.100/24'));
    const { status, stdout, warnings } = check([], '-f', own, '--peer', peer);
    lab.run(box, 'nft', 'flush ruleset');
    expect(status).toBe(0);
    for (const words of [
      'nopreempt has no effect with state MASTER',
      '10.77.0.100 has no mask',
      '10.78.0.100/24 is in no subnet of eth0 (10.77.0.1/24',
      'the packet filter of this box drops adverts to 224.0.0.18 on eth0 (table inet f, chain in): two masters',
    ]) {
      expect(warnings.filter((line) => line.includes(words) && line.startsWith(own))).toHaveLength(1);
    }
    for (const words of [
      'all is well',
      'firewall-cmd --permanent',
      'nft insert rule',
      'iptables -I INPUT',
      'VRRP goes through ',
    ]) {
      expect(stdout).toContain(words);
    }
    expect(stdout).toMatch(/interface eth0 fails in own\.conf +FAULT +100 +peer\.conf/);
  });

  it('says which rights are missing', () => {
    const { warnings } = check(
      ['setpriv', '--bounding-set=-net_raw', '--inh-caps=-net_raw'],
      '-f',
      file('rights.conf', conf('priority 150', '10.77.0.100/24')),
    );
    expect(warnings.map((line) => /: warning: (.*);/.exec(line)?.[1])).toEqual([
      'nobody can have CAP_NET_RAW here, not even root; tandem run needs it to send and hear adverts',
    ]);
  });

  it('has nothing to say where nothing is wrong', () => {
    expect(check([], '-f', file('fine.conf', conf('priority 150', '10.77.0.100/24'))).warnings).toEqual([]);
  });
}, ['netns', 'nft']);
