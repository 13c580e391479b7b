import { describe, expect, it } from 'vitest';
import { type Alarm, type Expectation, judge, type Received, type Refusal } from '../../src/vrrp/acceptance.ts';
import { authDataOf } from '../../src/vrrp/auth-data.ts';
import { type Advert, AUTH_NONE, AUTH_PASS, encodeAdvert } from '../../src/vrrp/packet.ts';
import { SeededRandom } from '../support/random.ts';

const GROUP = '224.0.0.18';
const OWN = ['10.77.0.1'];

const EXPECTED: Expectation = {
  version: 2,
  vrid: 51,
  intervalCs: 100,
  authData: authDataOf('1066'),
  addresses: ['10.77.0.100', '10.77.0.101'],
  addressCheck: 'drop',
  peers: null,
  group: GROUP,
};
const EXPECTED3: Expectation = { ...EXPECTED, version: 3, authData: null, addressCheck: 'tell' };

const ADVERT: Advert = {
  version: 2,
  vrid: 51,
  priority: 200,
  intervalCs: 100,
  addresses: ['10.77.0.101', '10.77.0.100'],
  authType: AUTH_PASS,
  authData: authDataOf('1066'),
};
const ADVERT3: Advert = { ...ADVERT, version: 3, authType: AUTH_NONE };

interface Arrival {
  readonly expected?: Partial<Expectation>;
  readonly advert?: Partial<Advert>;
  readonly ip?: Partial<Omit<Received, 'message'>>;
}

function arrive(base: Expectation, sent: Advert, { expected, advert, ip }: Arrival) {
  const ends = { source: '10.77.0.2', destination: GROUP, ttl: 255, ...ip };
  const message = encodeAdvert({ ...sent, ...advert }, ends);
  const { refusal, alarms } = judge({ ...base, ...expected }, { ...ends, message }, OWN);
  return [refusal, alarms];
}

type Row = readonly [string, Arrival, Refusal | null, readonly Alarm[]];
const PEER = { ip: '10.77.0.2', minTtl: 255, maxTtl: 255 };
const UNICAST = { peers: [PEER] };

describe('version 2', () => {
  it.each<Row>([
    ['a right one, its list in another order', {}, null, []],
    ['TTL 254: it was forwarded', { ip: { ttl: 254 } }, 'bad-ttl', []],
    ['another virtual router', { advert: { vrid: 52 } }, 'other-vrid', []],
    ['our own address as its source', { ip: { source: '10.77.0.1' } }, 'own-source', []],
    ['version 3', { advert: { version: 3 } }, 'other-version', ['other-version']],
    ['another interval (3768 7.1: MUST)', { advert: { intervalCs: 200 } }, 'other-interval', ['other-interval']],
    ['no authentication', { advert: { authType: AUTH_NONE } }, 'other-auth-type', ['other-auth-type']],
    ['a password where none is expected', { expected: { authData: null } }, 'other-auth-type', ['other-auth-type']],
    ['another password', { advert: { authData: authDataOf('1067') } }, 'wrong-password', ['wrong-password']],
    ['one address fewer', { advert: { addresses: ['10.77.0.100'] } }, 'other-addresses', ['other-addresses']],
    ['one fewer from the owner', { advert: { addresses: ['10.77.0.100'], priority: 255 } }, null, ['other-addresses']],
    [
      'one fewer, from whom it was compared before',
      { advert: { addresses: ['10.77.0.100'] }, expected: { trustedSource: '10.77.0.2' } },
      null,
      [],
    ],
    [
      'one fewer, from another than whom it was compared with',
      { advert: { addresses: ['10.77.0.100'] }, expected: { trustedSource: '10.77.0.3' } },
      'other-addresses',
      ['other-addresses'],
    ],
    ['one fewer, unchecked', { advert: { addresses: ['10.77.0.100'] }, expected: { addressCheck: 'off' } }, null, []],
    ['a message to us alone', { ip: { destination: '10.77.0.1' } }, 'other-destination', ['other-destination']],
    ['data without a type is ignored', { expected: { authData: null }, advert: { authType: AUTH_NONE } }, null, []],
  ])('%s', (_, arrival, refusal, alarms) => {
    expect(arrive(EXPECTED, ADVERT, arrival)).toEqual([refusal, alarms]);
  });
});

describe('version 3', () => {
  it.each<Row>([
    ['a right one', {}, null, []],
    ['another interval is learnt', { advert: { intervalCs: 50 } }, null, ['other-interval']],
    ['another list is told, not dropped', { advert: { addresses: ['10.77.0.100'] } }, null, ['other-addresses']],
    [
      'another list, dropped when asked for',
      { advert: { addresses: ['10.77.0.100'] }, expected: { addressCheck: 'drop' } },
      'other-addresses',
      ['other-addresses'],
    ],
    ['version 2', { advert: { version: 2 } }, 'other-version', ['other-version']],
  ])('%s', (_, arrival, refusal, alarms) => {
    expect(arrive(EXPECTED3, ADVERT3, arrival)).toEqual([refusal, alarms]);
  });

  it('a checksum as RFC 9568 has it is accepted, and told', () => {
    const ends = { source: '10.77.0.2', destination: GROUP };
    const message = encodeAdvert(ADVERT3, ends, { checksum: 'plain' });
    expect(judge(EXPECTED3, { ...ends, ttl: 255, message }, OWN)).toMatchObject({
      refusal: null,
      alarms: ['plain-checksum'],
    });
  });
});

describe('unicast', () => {
  const to = { destination: '10.77.0.1' };
  it.each<Row>([
    ['from the peer', { expected: UNICAST, ip: to }, null, []],
    ['from anybody else', { expected: UNICAST, ip: { ...to, source: '10.77.0.9' } }, 'not-a-peer', ['not-a-peer']],
    ['multicast from the peer', { expected: UNICAST }, 'other-destination', ['other-destination']],
    ['through a router', { expected: UNICAST, ip: { ...to, ttl: 64 } }, 'bad-ttl', []],
    ['through a router, allowed', { expected: { peers: [{ ...PEER, minTtl: 60 }] }, ip: { ...to, ttl: 64 } }, null, []],
    [
      'from further away than allowed',
      { expected: { peers: [{ ...PEER, minTtl: 60, maxTtl: 64 }] }, ip: to },
      'bad-ttl',
      [],
    ],
  ])('%s', (_, arrival, refusal, alarms) => {
    expect(arrive(EXPECTED, ADVERT, arrival)).toEqual([refusal, alarms]);
  });
});

describe('noise', () => {
  it('is refused by a code, never thrown', () => {
    const random = new SeededRandom(112);
    for (let round = 0; round < 5000; round++) {
      const message = Uint8Array.from({ length: random.size(64) }, () => random.below(256));
      const { refusal } = judge(EXPECTED, { source: '10.77.0.2', destination: GROUP, ttl: 255, message }, OWN);
      expect(refusal).not.toBeNull();
    }
  });
});
