/** `track_virtual_server`: which virtual server its words mean, and what is said where they mean none. */
import { describe, expect, it } from 'vitest';
import { explainPair } from '../../../src/config/keepalived/explain.ts';
import { loadKeepalivedConfig } from '../../../src/config/keepalived/load.ts';
import { untrackedServerProblems } from '../../../src/config/tracked-names.ts';
import { pairModel } from '../../support/pair-model.ts';

const server = (head: string, lines = 'protocol TCP', ip = '10.0.0.71') =>
  `virtual_server ${head} {\n${lines}\nlb_kind NAT\nlb_algo rr\nreal_server ${ip} 80 {\n}\n}\n`;
const SERVERS = [
  'virtual_server_group web {\n192.0.2.7 80\n}\n',
  server('192.0.2.1 80'),
  server('192.0.2.1 53'),
  server('192.0.2.1 53', 'protocol UDP'),
  server('192.0.2.9'),
  server('2001:db8::1 80', 'protocol TCP', 'fd00::71'),
  server('group web'),
  server('group web', 'protocol UDP'),
  server('fwmark 5'),
  server('fwmark 6'),
  server('fwmark 6 inet6', 'protocol TCP', 'fd00::71'),
  server('192.0.2.2 80', 'protocol TCP\nha_suspend'),
  server('192.0.2.3 80', 'protocol TCP\nsorry_server 10.0.0.99 80'),
  'virtual_server 192.0.2.4 80 {\nprotocol TCP\n}\n',
].join('');
const instance = (lines = '', name = 'VI_1', vrid = 51) =>
  `vrrp_instance ${name} {\ninterface eth0\nvirtual_router_id ${vrid}\npriority 150\n${lines}\nvirtual_ipaddress {\n10.0.0.${vrid}/24\n}\n}\n`;
const tandem = (...lines: readonly string[]) => `tandem {\n${lines.join('\n')}\n}\n`;

/** What there is to be said of the virtual servers themselves. */
const OF_SERVERS: readonly string[] = ['no-server', 'made-persistent', 'no-effect-protocol'];

function load(text: string) {
  const context = { env: {}, readFile: () => Buffer.from(''), listFolder: () => [], hostname: 'box' };
  const { model, problems } = loadKeepalivedConfig([{ name: 'k.conf', text }], context);
  const line = (one: (typeof problems)[number]) => `${one.severity} ${one.code}: ${one.message} (${one.hint ?? ''})`;
  const own = problems.filter(({ code }) => !OF_SERVERS.includes(code));
  return { model, lines: own.map(line) };
}

const tracked = (line: string) => {
  const { model, lines } = load(tandem(line) + SERVERS + instance());
  const tracks = model?.tandem.virtualServers.map(({ name, family, weight }) => `${name} IPv${family} ${weight}`);
  return [...(tracks ?? []), ...lines];
};

describe('the words behind virtual_server', () => {
  it.each([
    ['192.0.2.1 80 weight -50', '[192.0.2.1]:tcp:80 IPv4 -50'],
    ['192.0.2.1 53 protocol udp weight -50', '[192.0.2.1]:udp:53 IPv4 -50'],
    ['192.0.2.1 53 weight 7 protocol TCP', '[192.0.2.1]:tcp:53 IPv4 7'],
    ['192.0.2.9 weight 7', '[192.0.2.9]:tcp:0 IPv4 7'],
    ['192.0.2.9 0 weight 7', '[192.0.2.9]:tcp:0 IPv4 7'],
    ['2001:DB8:0::1 80 weight 7', '[2001:db8::1]:tcp:80 IPv6 7'],
    ['group web protocol udp weight 0', '[web]:1 IPv4 0'],
    ['fwmark 5 weight 7', 'FWM 5 IPv4 7'],
    ['fwmark 6 inet6 weight 7', 'FWM 6 IPv6 7'],
    ['fwmark 6 inet weight 7', 'FWM 6 IPv4 7'],
  ])('%s', (line, expected) => {
    expect(tracked(`track_virtual_server ${line}`)).toEqual([expected]);
  });

  it.each([
    ['192.0.2.1 81', "unknown-name: there is no virtual_server '192.0.2.1 81' (did you mean '192.0.2.1 80'?)"],
    ['group wep', "unknown-name: there is no virtual_server 'group wep' (did you mean 'group web'?)"],
    [
      '2001:db8:ffff::77 1',
      "unknown-name: there is no virtual_server '2001:db8:ffff::77 1' (as behind virtual_server)",
    ],
    ['192.0.2.1 80 protocol udp', "unknown-name: the virtual server '192.0.2.1 80' is another one: tcp, IPv4 ()"],
    ['192.0.2.1 53', "ambiguous-name: there are 2 virtual servers '192.0.2.1 53' (protocol tcp or protocol udp)"],
    ['group web', "ambiguous-name: there are 2 virtual servers 'group web' (protocol tcp or protocol udp)"],
    ['fwmark 6', "ambiguous-name: there are 2 virtual servers 'fwmark 6' (inet or inet6)"],
    ['192.0.2.4 80', 'unknown-name: the virtual server of line'],
    ['192.0.2.2 80 weight 7', "suspended-track: '192.0.2.2 80' has ha_suspend"],
    ['192.0.2.1 80 min_up 2', "unknown-keyword: unknown word 'min_up' (there is protocol, weight)"],
    ['192.0.2.1 80 protocol icmp', "bad-value: 'icmp' is no protocol (tcp, udp or sctp)"],
    ['192.0.2.1 80 weight 254', "bad-number: '254' is no number"],
    ['192.0.2.1 80 weight', "bad-number: '' is no number"],
    ['192.0.2.1 http', "bad-number: 'http' is no number"],
    ['web', "bad-address: 'web' is no IP address"],
    ['group', "missing-argument: 'track_virtual_server group' lacks the name"],
    ['fwmark 0', "bad-number: '0' is no number"],
  ])('none, or none for sure: %s', (line, expected) => {
    const { model, lines } = load(tandem(`track_virtual_server ${line}`) + SERVERS + instance());
    expect([model, lines.length]).toEqual([null, 1]);
    expect(lines[0]).toContain(`error ${expected}`);
  });
});

describe('without weight', () => {
  it('says that no box may be left with the address, and that nobody reaches the sorry server', () => {
    const [, ...lines] = tracked('track_virtual_server 192.0.2.1 80');
    expect(lines).toEqual([
      "warning no-weight: without weight no box has the addresses while '192.0.2.1 80' has no quorum on either (weight -50, or weight 0 where it is meant)",
    ]);
    expect(tracked('track_virtual_server 192.0.2.3 80')[1]).toContain('its sorry_server gets no clients');
  });

  it('weight 0 means it', () => {
    expect(tracked('track_virtual_server 192.0.2.1 80 weight 0')).toEqual(['[192.0.2.1]:tcp:80 IPv4 0']);
  });
});

describe('which instances', () => {
  const names = (text: string) =>
    load(text).model?.instances.map((one) => one.tandem.virtualServers.map(({ name }) => name).join(' '));

  it('all of them, or the one it is in, in place of what is at the top', () => {
    const top = tandem('track_virtual_server 192.0.2.1 80 weight 7');
    const own = tandem('track_virtual_server fwmark 5 weight 7');
    expect(names(top + SERVERS + instance() + instance('', 'VI_2', 52))).toEqual([
      '[192.0.2.1]:tcp:80',
      '[192.0.2.1]:tcp:80',
    ]);
    expect(names(top + SERVERS + instance(own) + instance('', 'VI_2', 52))).toEqual(['FWM 5', '[192.0.2.1]:tcp:80']);
  });

  it('the same one twice in a block counts once', () => {
    const twice = tandem('track_virtual_server 192.0.2.1 80 weight 7', 'track_virtual_server 192.0.2.1 80 weight 8');
    const { model, lines } = load(twice + SERVERS + instance());
    expect(model?.tandem.virtualServers.map(({ weight }) => weight)).toEqual([7]);
    expect(lines).toEqual(["warning repeated-name: '192.0.2.1 80' is tracked already; this line is left out ()"]);
  });

  it('what becomes of their priorities is in what is explained', () => {
    const text = instance(
      tandem('track_virtual_server 192.0.2.1 80 weight -60', 'track_virtual_server fwmark 5 weight 0'),
    );
    const explained = explainPair({ label: 'k.conf', model: pairModel(text + SERVERS) }, null);
    expect(explained).toMatch(/virtual server \[192\.0\.2\.1\]:tcp:80 fails +90\n/);
    expect(explained).toMatch(/virtual server FWM 5 fails +FAULT\n/);
  });

  it('of who runs no virtual servers: it is said, once', () => {
    const top = tandem('track_virtual_server 192.0.2.1 80 weight 7');
    const model = pairModel(top + SERVERS + instance() + instance('', 'VI_2', 52));
    expect(untrackedServerProblems(model).map(({ line, message }) => `${line} ${message}`)).toEqual([
      '2 track_virtual_server [192.0.2.1]:tcp:80 has no effect: no virtual servers run here',
    ]);
  });
});
