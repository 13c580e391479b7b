import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pingMethod } from '../../../src/l4/checks/ping-check.ts';
import { widerRange } from '../../../src/l4/checks/ping-permission.ts';
import { insideNamespace } from '../../support/inside-namespace.ts';
import { found, home, Lines, ORIGIN, SHORT_MS, services, timing } from '../../support/l4-checks.ts';
import { type Namespace, NamespaceLab } from '../../support/namespaces.ts';
import { describeWithPeer } from '../../support/peers.ts';

describe('the groups that may have ICMP sockets', () => {
  it.each([
    ['1\t0\n', 0, '0 0'],
    ['1\t0\n', 100, '100 100'],
    ['0\t2147483647\n', 0, null],
    ['5\t5\n', 5, null],
    ['5\t9\n', 0, '0 9'],
    ['5\t9\n', 12, '5 12'],
  ])('%j with ours, %d: %s', (range, group, expected) => {
    expect(widerRange(range, group)).toBe(expected);
  });
});

describeWithPeer(['netns', 'ip'], 'PING_CHECK', () => {
  const lab = new NamespaceLab();
  const journal = new Lines();
  let box: Namespace;

  beforeAll(() => {
    box = lab.add('ping');
    const other = lab.add('pong');
    lab.link(box, { address: '10.9.8.1/24' }, other, '10.9.8.2/24');
  });
  afterAll(() => lab.remove());

  function ping(ip: string, connectTimeoutMs = 60_000): Promise<string> {
    const family = ip.includes(':') ? 6 : 4;
    const connection = { address: { family, ip, port: 0 }, from: null, interface: null, mark: null } as const;
    const rules = timing({ connectTimeoutMs });
    const method = pingMethod(
      { kind: 'ping', connection, origin: ORIGIN, timing: rules },
      home(),
      services({ journal }),
    );
    // What is opened there stays there.
    return found({ begin: (end) => insideNamespace(box.name, () => method.begin(end)) });
  }

  it('our group is put into the range of the namespace', async () => {
    expect(await ping('127.0.0.1')).toBe('good: it answers');
    const range = insideNamespace(box.name, () => readFileSync('/proc/sys/net/ipv4/ping_group_range', 'utf8'));
    expect(range).toBe('0\t0\n');
    expect(journal.lines).toEqual(['net.ipv4.ping_group_range is 0 0 now, for PING_CHECK']);
  });

  it('a box that answers, over IPv4 and IPv6', async () => {
    expect(await ping('10.9.8.2')).toBe('good: it answers');
    expect(await ping('::1')).toBe('good: it answers');
  });

  it('a network that is not there', async () => {
    expect(await ping('192.0.2.1')).toBe('ICMP connection to [10.0.0.71]:tcp:80 failed: Network is unreachable');
  });

  it('a box that is not there', async () => {
    const timeout = 'ICMP connection to address [10.0.0.71]:tcp:80 timeout: no answer within';
    expect(await ping('10.9.8.99', SHORT_MS)).toBe(`${timeout} ${SHORT_MS / 1000} s`);
  });
});
