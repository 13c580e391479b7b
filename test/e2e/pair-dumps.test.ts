/** USR1, USR2 and JSON to tandem-keepalived and to keepalived with the same file: the same lines, but for those named here. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Namespace, NamespaceLab } from '../support/namespaces.ts';
import { describeWithPeer, programPath } from '../support/peers.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'tandem-keepalived.js');
const FILES = ['keepalived.data', 'keepalived.stats', 'keepalived.json'] as const;
type Dumps = Readonly<Record<(typeof FILES)[number], string>>;

const CONF = `global_defs {
  router_id box
  script_user root
  vrrp_version 3
}
vrrp_script chk {
  script "/usr/bin/true it"
  interval 2
  timeout 2
  fall 3
}
vrrp_instance VI_1 {
  state MASTER
  interface eth0
  virtual_router_id 51
  priority 150
  advert_int 0.1
  garp_master_refresh 60
  higher_prio_send_advert
  virtual_ipaddress {
    10.77.0.100/24
    10.77.0.101/24 label eth0:1 brd 10.77.0.255
  }
  virtual_ipaddress_excluded {
    10.77.0.102
    fd77::100/64
  }
  track_script {
    chk
  }
  track_interface {
    eth1 weight -10
  }
  notify_master "/usr/bin/true m" root
  notify /usr/bin/true
}
vrrp_instance VI_2 {
  interface eth0
  version 2
  virtual_router_id 52
  garp_master_refresh 60
  higher_prio_send_advert
  nopreempt
  unicast_src_ip 10.77.0.1
  authentication {
    auth_type PASS
    auth_pass 1066
  }
  unicast_peer {
    10.77.0.2 min_ttl 200 max_ttl 255
  }
  virtual_ipaddress {
    10.77.0.110/24
  }
}
vrrp_instance VI_6 {
  interface eth0
  virtual_router_id 51
  advert_int 0.1
  garp_master_refresh 60
  higher_prio_send_advert
  virtual_ipaddress {
    fe80::100/64
  }
}
`;

/** Lines of keepalived's that are about what does not exist here. */
const LEFT_OUT = [/^ {3}Number of track scripts init = /, /^ {3}fd_in /, /^ {3}Unicast checksum compatibility/];
/** What is of this one run. */
const withoutRun = (line: string) =>
  line.replace(/^( {3}(Last transition|Read timeout|Using src_ip) = ).*/, '$1…').replace(/ifindex \d+/, 'ifindex N');

describeWithPeer(['root', 'netns', 'keepalived'], 'dumps', () => {
  const lab = new NamespaceLab();
  const folder = mkdtempSync(join(tmpdir(), 'tandem-dumps-'));

  beforeAll(() => {
    for (const name of ['ours', 'theirs']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'pair.conf'), CONF);
    writeFileSync(join(folder, 'victim'), 'precious');
    symlinkSync(join(folder, 'victim'), join(folder, 'ours', 'keepalived.stats'));
  });
  afterAll(async () => {
    await lab.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  async function dumpsOf(name: 'ours' | 'theirs', command: readonly string[]): Promise<Dumps> {
    const box: Namespace = lab.add(name);
    const far = lab.add(`${name}far`);
    lab.run(box, 'sysctl', '-qw', 'net.ipv6.conf.default.accept_dad=0', 'net.ipv6.conf.all.accept_dad=0');
    lab.link(far, {}, box, '10.77.0.1/24', 'eth0');
    lab.link(far, {}, box, '192.0.2.1/24', 'eth1');
    const place = join(folder, name);
    const pidFile = join(place, 'pid');
    const [program = '', ...rest] = [...box.exec, ...command, '-n', '-l', '-G', '-f', join(folder, 'pair.conf')];
    const files = ['-p', pidFile, '-r', join(place, 'vrrp.pid'), '-c', join(place, 'check.pid')];
    const child = spawn(program, [...rest, ...files], { env: { ...process.env, TMPDIR: place }, stdio: 'pipe' });
    lab.adopt(child);
    const ended = once(child, 'exit');
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    const until = async (happened: () => boolean): Promise<void> => {
      for (let tries = 0; tries < 400 && !happened(); tries++) await sleep(20);
      if (!happened()) throw new Error(`${name}:\n${output}`);
    };
    await until(() => ['VI_1', 'VI_2', 'VI_6'].every((one) => output.includes(`(${one}) Entering MASTER STATE`)));
    const pid = Number(readFileSync(pidFile, 'utf8'));
    const signum = (what: string) =>
      Number(execFileSync(command[0] ?? '', [...command.slice(1), `--signum=${what}`], { encoding: 'utf8' }));
    const send = async (what: string, file: string): Promise<string> => {
      process.kill(pid, signum(what));
      // Both write whole files: what is there is finished.
      await until(() => existsSync(join(place, file)) && statSync(join(place, file)).size > 20);
      await sleep(50);
      return readFileSync(join(place, file), 'utf8');
    };
    const dumps: Dumps = {
      'keepalived.data': await send('DATA', 'keepalived.data'),
      'keepalived.stats': await send('STATS', 'keepalived.stats'),
      'keepalived.json': await send('JSON', 'keepalived.json'),
    };
    process.kill(pid, 'SIGTERM');
    await ended;
    return dumps;
  }

  const instancesOf = (data: string): readonly string[] =>
    (/------< VRRP Topology >------\n([\s\S]*?)\n------</.exec(data)?.[1] ?? '').split('\n').map(withoutRun);

  describe('of tandem-keepalived and of keepalived', () => {
    let ours: Dumps;
    let theirs: Dumps;
    beforeAll(async () => {
      [ours, theirs] = await Promise.all([
        dumpsOf('ours', [process.execPath, PROGRAM]),
        dumpsOf('theirs', [programPath('keepalived')]),
      ]);
    });

    it('data: the same lines about every instance', () => {
      const expected = instancesOf(theirs['keepalived.data']).filter((line) => !LEFT_OUT.some((one) => one.test(line)));
      expect(expected.length).toBeGreaterThan(100);
      expect(instancesOf(ours['keepalived.data'])).toEqual(expected);
    });

    it('statistics: the same lines, counts aside', () => {
      const names = (text: string) => text.replace(/: \d+$/gm, ': N');
      expect(names(ours['keepalived.stats'])).toBe(names(theirs['keepalived.stats']));
      expect(ours['keepalived.stats']).toMatch(/Became master: 1\n/);
    });

    it('JSON: the same fields, of the same kind and in the same order', () => {
      const shape = (text: string) =>
        JSON.parse(text, (key, value) => {
          if (key === 'last_transition' || key === 'advert_sent') return typeof value;
          return value;
        });
      expect(JSON.stringify(shape(ours['keepalived.json']))).toBe(JSON.stringify(shape(theirs['keepalived.json'])));
    });

    it('are for their owner alone, and follow no link', () => {
      for (const file of FILES) expect(statSync(join(folder, 'ours', file)).mode & 0o777).toBe(0o600);
      expect(readFileSync(join(folder, 'victim'), 'utf8')).toBe('precious');
    });
  });
});
