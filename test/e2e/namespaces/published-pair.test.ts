/**
 * "HAProxy With Keepalived For Fail Over": both of the article's files as they are, on two boxes; on one of them `tandem run`, on the
 * other one the two programs that take haproxy's and keepalived's place.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeer } from '../../support/peers.ts';
import { ManualBoxes } from '../manual/boxes.ts';

const HERE = import.meta.dirname;
const haproxy = readFileSync(join(HERE, 'three-services.cfg'), 'utf8');
const keepalived = readFileSync(join(HERE, 'three-services.conf'), 'utf8');
/** "101 on master, 100 on backup". */
const onBackup = keepalived.replace('state MASTER', 'state BACKUP').replace('priority 101', 'priority 100');
const SERVERS = ['192.168.1.5', '192.168.1.6', '192.168.2.5', '192.168.2.6', '192.168.3.5', '192.168.3.6'];
const BOTH = '-f /etc/haproxy/haproxy.cfg -f /etc/keepalived/keepalived.conf';
const ASKS_FOO1 = `curl -s -m 2 -D - -o /dev/null -b foo-server-id=foo1 http://10.0.0.1/ | tr -d '\\r' | grep -i x-served-at`;

describeWithPeer(['netns', 'curl', 'socat', 'killall'], 'the files of an article', () => {
  const boxes = new ManualBoxes();
  beforeAll(async () => {
    await boxes.start({ more: SERVERS.map((ip) => `${ip}/32`), routes: ['192.168.0.0/16', '10.0.0.0/24'] });
    for (const [box, conf] of [
      ['lb1', keepalived],
      ['lb2', onBackup],
    ] as const) {
      const at = { kind: 'file', line: 0, boxes: [box] } as const;
      boxes.write({ ...at, path: '/etc/haproxy/haproxy.cfg', text: haproxy });
      boxes.write({ ...at, path: '/etc/keepalived/keepalived.conf', text: conf });
    }
  });
  afterAll(() => boxes.remove());

  const run = (box: string, command: string, ...expected: string[]) =>
    boxes.run({ kind: 'command', line: 0, box, command, expected });

  it('carry a session from box to box, and their stats socket answers', { timeout: 120_000 }, async () => {
    await run('lb1', `tandem run ${BOTH} > /var/log/tandem.log 2>&1 & echo $! > /run/tandem.pid`);
    await run('lb1', 'ip -4 -oneline address show eth0 | grep -c "inet 10.0.0.[123]/32"', '3');
    await run('lb2', 'tandem-haproxy -f /etc/haproxy/haproxy.cfg');
    await run('lb2', 'tandem-keepalived -f /etc/keepalived/keepalived.conf');
    await run('client', ASKS_FOO1, '…192.168.1.5:80');
    const info = 'echo "show info" | socat - UNIX-CONNECT:/var/lib/haproxy/stats';
    for (const box of ['lb1', 'lb2']) {
      expect(await run(box, info, 'Name: HAProxy', '…')).toContain('Maxconn: 4096\n');
      await run(box, 'stat -c "%a" /var/lib/haproxy/stats', '600');
    }
    await run('lb1', 'kill $(cat /run/tandem.pid)');
    await run('lb2', 'ip -4 -oneline address show eth0 | grep -c "inet 10.0.0.[123]/32"', '3');
    await run('client', ASKS_FOO1, '…192.168.1.5:80');
    await run('client', 'curl -s -m 2 -o /dev/null -w "%{http_code}" -b bar-server-id=bar2 http://10.0.0.2/', '200');
  });
});
