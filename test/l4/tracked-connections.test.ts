/** Lines of conntrack, and whose they are. */
import { expect, it } from 'vitest';
import { rulesetOf } from '../../src/l4/ruleset.ts';
import { TrackedConnections } from '../../src/l4/tracked-connections.ts';
import { destination, links, place, service } from '../support/l4-services.ts';

const { nat } = rulesetOf(
  [
    service('web', { places: [place('192.0.2.1', 80)], destinations: [destination('10.0.0.71', 8080, { key: 'a' })] }),
    service('all', {
      places: [place('192.0.2.10', 0, '192.0.2.20')],
      protocol: 'UDP',
      destinations: [destination('10.0.0.72', 0, { key: 'b' })],
    }),
    service('six', {
      family: 6,
      places: [place('2001:db8::1', 80)],
      destinations: [destination('fd00::71', 80, { key: 'c' })],
    }),
  ],
  links(),
);

const MARKED = rulesetOf(
  [service('mark', { marks: [{ family: 4, mark: 7 }], destinations: [destination('10.0.0.73', 0, { key: 'd' })] })],
  links(),
).nat;

it('takes what has a mark for that of its service, and a check of the server for nobody’s', () => {
  const line = (asked: string): string =>
    `ipv4     2 tcp      6 99 TIME_WAIT src=10.9.0.2 dst=${asked} sport=20100 dport=80 src=10.0.0.73 dst=10.9.0.2 sport=80 dport=20100 [ASSURED] mark=0 zone=0 use=2`;
  expect(MARKED).not.toBeNull();
  if (MARKED === null) return;
  const connections = new TrackedConnections(MARKED);
  expect(connections.read(line('192.0.2.31'))).toEqual({ comment: 'mark/d', isActive: false });
  expect(connections.read(line('10.0.0.73'))).toBeNull();
});

const ZEROS = '2001:0db8:0000:0000:0000:0000:0000';

it.each([
  [
    'ipv4     2 tcp      6 431999 ESTABLISHED src=10.9.0.2 dst=192.0.2.1 sport=20100 dport=80 src=10.0.0.71 dst=10.9.0.2 sport=8080 dport=20100 [ASSURED] mark=0 zone=0 use=2',
    { comment: 'web/a', isActive: true },
  ],
  [
    'ipv4     2 tcp      6 99 TIME_WAIT src=10.9.0.2 dst=192.0.2.1 sport=20100 dport=80 src=10.0.0.71 dst=10.9.0.2 sport=8080 dport=20100 [ASSURED] mark=0 zone=0 use=2',
    { comment: 'web/a', isActive: false },
  ],
  [
    'ipv4     2 udp      17 29 src=10.9.0.2 dst=192.0.2.11 sport=20100 dport=53 src=10.0.0.72 dst=10.9.0.2 sport=53 dport=20100 mark=0 use=1',
    { comment: 'all/b', isActive: true },
  ],
  [
    'ipv4     2 udp      17 29 src=10.9.0.2 dst=192.0.2.11 sport=20100 dport=53 [UNREPLIED] src=10.0.0.72 dst=10.9.0.2 sport=53 dport=20100 mark=0 use=1',
    { comment: 'all/b', isActive: false },
  ],
  [
    `ipv6     10 tcp      6 9 ESTABLISHED src=${ZEROS}:0009 dst=${ZEROS}:0001 sport=7 dport=80 src=fd00:0000:0000:0000:0000:0000:0000:0071 dst=${ZEROS}:0009 sport=80 dport=7 [ASSURED] use=2`,
    { comment: 'six/c', isActive: true },
  ],
  [
    'ipv4     2 tcp      6 431999 ESTABLISHED src=10.9.0.2 dst=192.0.2.1 sport=20100 dport=80 src=192.0.2.1 dst=10.9.0.2 sport=80 dport=20100 [ASSURED] mark=0 use=2',
    null,
  ],
  [
    'ipv4     2 udp      17 29 src=10.9.0.2 dst=192.0.2.21 sport=20100 dport=53 src=10.0.0.72 dst=10.9.0.2 sport=53 dport=20100 mark=0 use=1',
    null,
  ],
  [
    'ipv4     2 icmp     1 29 src=10.9.0.2 dst=192.0.2.1 type=8 code=0 id=9 src=192.0.2.1 dst=10.9.0.2 type=0 id=9',
    null,
  ],
  ['', null],
])('reads %s', (line, expected) => {
  if (nat === null) throw new Error('no table');
  expect(new TrackedConnections(nat).read(line)).toEqual(expected);
});
