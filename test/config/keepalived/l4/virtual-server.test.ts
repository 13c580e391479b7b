/** What a virtual server is read as: defaults, what is inherited, what is put right. The values are keepalived 2.2.7's (check/*.c). */
import { describe, expect, it } from 'vitest';
import { loadKeepalivedConfig } from '../../../../src/config/keepalived/load.ts';
import type { CheckTiming, L4Check, RealServer, VirtualServer } from '../../../../src/config/l4-model.ts';
import type { PairModel } from '../../../../src/config/pair-model.ts';

interface Read {
  readonly model: PairModel;
  readonly warnings: readonly string[];
}

function read(text: string): Read {
  const context = { env: {}, readFile: () => Buffer.from(''), listFolder: () => [], hostname: 'node1' };
  const { model, problems } = loadKeepalivedConfig([{ name: 'test.conf', text }], context);
  if (model === null) throw new Error(problems.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return { model, warnings: problems.map(({ line, code }) => `${line} ${code}`) };
}

function virtualServer(lines: string, real = '10.0.0.5 80', ofReal = '', place = '10.0.0.9 80'): VirtualServer {
  const text = `virtual_server ${place} {\nprotocol TCP\n${lines}\nreal_server ${real} {\n${ofReal}\n}\n}\n`;
  return firstOf(read(text).model.virtualServers);
}

function firstOf<T>(items: readonly T[]): T {
  const [first] = items;
  if (first === undefined) throw new Error('there is none');
  return first;
}

function realServer(lines: string, ofReal: string, real?: string, place?: string): RealServer {
  return firstOf(virtualServer(lines, real, ofReal, place).realServers);
}

const HTTP = 'HTTP_GET {\nurl {\npath /\n}\n';

describe('when a check is made', () => {
  const usual = { intervalMs: 60_000, connectTimeoutMs: 5000, retries: 1, retryDelayMs: 1000, warmupMs: 60_000 };

  it.each<[string, string, string, Partial<CheckTiming>]>([
    ['nothing is said', '', 'TCP_CHECK {\n}', usual],
    ['HTTP_GET waits longer before it tries again', '', `${HTTP}}`, { ...usual, retryDelayMs: 3000 }],
    [
      'DNS_CHECK tries thrice, as far apart as checks',
      '',
      'DNS_CHECK {\n}',
      { ...usual, retries: 3, retryDelayMs: 60_000 },
    ],
    ['MISC_CHECK does not try again', '', 'MISC_CHECK {\nmisc_path /bin/true\n}', { ...usual, retries: 0 }],
    [
      'the virtual server says it',
      'delay_loop 7\nretry 4\ndelay_before_retry 2\nconnect_timeout 3\nwarmup 1',
      'TCP_CHECK {\n}',
      {
        ...{ intervalMs: 7000, retries: 4, retryDelayMs: 2000, connectTimeoutMs: 3000, warmupMs: 1000 },
      },
    ],
    ['the real server is nearer', 'delay_loop 7\nretry 4', 'retry 5\nTCP_CHECK {\n}', { intervalMs: 7000, retries: 5 }],
    ['the check is nearest', 'delay_loop 7', 'delay_loop 8\nTCP_CHECK {\ndelay_loop 9\n}', { intervalMs: 9000 }],
    ['the first check follows the interval', 'delay_loop 7', 'TCP_CHECK {\n}', { warmupMs: 7000 }],
    ['DNS_CHECK: its retries follow the interval', '', 'delay_loop 8\nDNS_CHECK {\n}', { retryDelayMs: 8000 }],
    ['a check alone may have no retry', '', 'TCP_CHECK {\nretry 0\n}', { retries: 0 }],
    ['alpha comes from above', 'alpha', 'TCP_CHECK {\n}', { alpha: true }],
    ['alpha is taken back', 'alpha', 'alpha off\nTCP_CHECK {\n}', { alpha: false }],
  ])('%s', (_, lines, ofReal, timing) => {
    expect(firstOf(realServer(lines, ofReal).checks).timing).toMatchObject(timing);
  });

  it('a program has the interval for its time, unless misc_timeout says otherwise; 0 does not', () => {
    const timeOf = (lines: string): number => {
      const check = firstOf(realServer('delay_loop 7', `MISC_CHECK {\nmisc_path /bin/true\n${lines}\n}`).checks);
      return check.kind === 'misc' ? check.timeoutMs : -1;
    };
    expect([timeOf(''), timeOf('misc_timeout 3'), timeOf('misc_timeout 0')]).toEqual([7000, 3000, 7000]);
  });

  it('checker_log_all_failures is for every check', () => {
    const { model } = read(
      'global_defs {\nchecker_log_all_failures\n}\nvirtual_server 10.0.0.9 80 {\nreal_server 10.0.0.5 80 {\nTCP_CHECK {\n}\n}\n}',
    );
    expect(firstOf(firstOf(firstOf(model.virtualServers).realServers).checks).timing.logAllFailures).toBe(true);
  });
});

describe('what the servers have from the virtual server', () => {
  it('weight, the way of forwarding, inhibit_on_failure, the name that pages are asked for by', () => {
    const real = realServer('weight 3\nlb_kind DR\ninhibit_on_failure\nvirtualhost a.example', `${HTTP}}`);
    expect(real).toMatchObject({ weight: 3, forwarding: 'DR', inhibitOnFailure: true });
    const check = firstOf(real.checks) as Extract<L4Check, { kind: 'http' | 'https' }>;
    expect(firstOf(check.urls).host).toBe('a.example');
  });

  it.each<[string, string, string, [ofVirtual: boolean, ofReal: boolean]]>([
    ['nobody says it', '', '', [false, true]],
    ['smtp_alert', 'smtp_alert', '', [true, true]],
    ['smtp_alert off', 'smtp_alert off', '', [false, false]],
    ['smtp_alert_checker goes before it', 'smtp_alert\nsmtp_alert_checker off', '', [false, false]],
    ['the virtual server speaks for itself alone', 'smtp_alert off', 'smtp_alert', [true, false]],
  ])('mails: %s', (_, global, lines, [ofVirtual, ofReal]) => {
    const { model } = read(
      `global_defs {\n${global}\n}\nvirtual_server 10.0.0.9 80 {\n${lines}\nreal_server 10.0.0.5 80 {\n}\n}`,
    );
    const server = firstOf(model.virtualServers);
    expect([server.smtpAlert, firstOf(server.realServers).smtpAlert]).toEqual([ofVirtual, ofReal]);
  });
});

describe('what is put right', () => {
  it.each<[string, string, { quorum: number; hysteresis: number }]>([
    ['nothing is said', '', { quorum: 1, hysteresis: 0 }],
    ['more than all weights', 'weight 3\nquorum 5', { quorum: 3, hysteresis: 0 }],
    ['hysteresis as high as the quorum', 'weight 3\nquorum 3\nhysteresis 3', { quorum: 3, hysteresis: 2 }],
    ['both', 'weight 3\nquorum 9\nhysteresis 8', { quorum: 3, hysteresis: 2 }],
  ])('the quorum: %s', (_, lines, expected) => {
    expect(virtualServer(lines)).toMatchObject(expected);
  });

  it('weights of 0 alone are no quorum: the sorry server has the clients', () => {
    expect(virtualServer('', '10.0.0.5 80', 'weight 0')).toMatchObject({ quorum: 1, hysteresis: 0 });
  });

  it.each<[string, string, string, string, number]>([
    ['NAT changes it', 'lb_kind NAT', '10.0.0.5 8080', '10.0.0.9 80', 8080],
    ['NAT without one', 'lb_kind NAT', '10.0.0.5', '10.0.0.9 80', 80],
    ['DR cannot', 'lb_kind DR', '10.0.0.5 8080', '10.0.0.9 80', 80],
    ['DR without one', 'lb_kind DR', '10.0.0.5', '10.0.0.9 80', 80],
    ['of a mark', 'lb_kind NAT', '10.0.0.5', 'fwmark 5', 0],
  ])('the port of a server: %s', (_, lines, real, place, port) => {
    expect(realServer(lines, '', real, place).address.port).toBe(port);
  });

  it('DR for several ports: the one that the client asked for', () => {
    const group = 'virtual_server_group g {\n10.0.0.9 80\n10.0.0.10 81\n}\n';
    const { model, warnings } = read(
      `${group}virtual_server group g {\nprotocol TCP\nlb_algo rr\nlb_kind DR\nreal_server 10.0.0.5 80 {\n}\n}`,
    );
    expect(firstOf(firstOf(model.virtualServers).realServers).address.port).toBe(0);
    expect(warnings).toEqual(['9 port-kept']);
  });

  it('a check asks the port that is written, whatever packets have', () => {
    const check = firstOf(realServer('lb_kind DR', 'TCP_CHECK {\n}', '10.0.0.5 8080').checks);
    expect(check.kind === 'tcp' && check.connection.address.port).toBe(8080);
  });

  it('without a port it is persistent; a mask alone makes it so, too', () => {
    expect(virtualServer('', undefined, undefined, '10.0.0.9').persistence).toEqual({
      timeoutS: 360,
      prefixLength: 32,
    });
    expect(virtualServer('persistence_granularity 255.255.0.0').persistence).toEqual({
      timeoutS: 360,
      prefixLength: 16,
    });
  });

  it('a sorry server that is a real server, too, is inhibited as that one is', () => {
    const server = virtualServer('inhibit_on_failure\nsorry_server 10.0.0.5 80');
    expect(server.sorryServer).toMatchObject({ inhibits: true });
  });

  it('of two scripts for one event the first one runs', () => {
    const script = virtualServer('quorum_up /bin/first\nquorum_up /bin/second').quorumUp;
    expect(script?.argv).toEqual(['/bin/first']);
  });

  it('a virtual server without servers is left out', () => {
    const { model, warnings } = read('virtual_server 10.0.0.9 80 {\nprotocol TCP\nsorry_server 10.0.0.7 80\n}');
    expect(model.virtualServers).toEqual([]);
    expect(warnings).toEqual(['1 no-server']);
  });
});

describe('lvs_timeouts', () => {
  it.each<[string, { tcpS: number; tcpEdgeS: number; datagramS: number }]>([
    ['', { tcpS: 900, tcpEdgeS: 60, datagramS: 300 }],
    ['lvs_timeouts tcp 3600', { tcpS: 3600, tcpEdgeS: 60, datagramS: 300 }],
    ['lvs_timeouts udp 10 tcpfin 20 tcp 0', { tcpS: 900, tcpEdgeS: 20, datagramS: 10 }],
  ])('%j', (line, expected) => {
    const { model } = read(`global_defs {\n${line}\n}\nvirtual_server 10.0.0.9 80 {\nreal_server 10.0.0.5 80 {\n}\n}`);
    expect(firstOf(model.virtualServers).flowTimeouts).toEqual(expected);
  });
});

describe('FILE_CHECK', () => {
  const file = 'track_file f {\nfile /tmp/f\nweight 4\n}\n';
  const weightOf = (lines: string): unknown => {
    const { model } = read(
      `${file}virtual_server 10.0.0.9 80 {\nreal_server 10.0.0.5 80 {\nFILE_CHECK {\ntrack_file f\n${lines}\n}\n}\n}`,
    );
    const check = firstOf(firstOf(firstOf(model.virtualServers).realServers).checks);
    return check.kind === 'file' ? [check.weight, check.reverse] : null;
  };

  it('has the weight of its file, or its own', () => {
    expect([weightOf(''), weightOf('weight -2 reverse')]).toEqual([
      [4, false],
      [-2, true],
    ]);
  });
});
