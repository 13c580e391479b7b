import { describe, expect, it } from 'vitest';
import type { Alarm } from '../../src/vrrp/acceptance.ts';
import { Alarms, alarmText, type OwnSide } from '../../src/vrrp/alarms.ts';
import { type Advert, AUTH_NONE } from '../../src/vrrp/packet.ts';

const OWN: OwnSide = {
  name: 'VI_1',
  version: 2,
  vrid: 51,
  intervalCs: 100,
  hasPassword: true,
  addresses: ['10.0.0.10'],
  unicast: false,
};
const HEARD: Advert = {
  version: 3,
  vrid: 52,
  priority: 100,
  intervalCs: 250,
  addresses: ['10.0.0.11'],
  authType: AUTH_NONE,
  authData: new Uint8Array(8),
};

describe('what is said', () => {
  it.each<[Alarm, Partial<OwnSide>, readonly string[]]>([
    ['other-version', {}, ['version 3', 'version 2', 'vrrp_version']],
    ['other-auth-type', {}, ['sends no password, we have one', 'authentication']],
    ['other-auth-type', { hasPassword: false }, ['sends a password, we have none']],
    ['wrong-password', {}, ['auth_pass']],
    ['other-interval', {}, ['2.5 s', '1 s', 'both will be masters', 'advert_int']],
    ['other-interval', { version: 3 }, ['its interval is used']],
    ['other-addresses', {}, ['10.0.0.11', '10.0.0.10', 'virtual_ipaddress_excluded']],
    ['other-addresses', { version: 3 }, ['obeyed all the same']],
    ['not-a-peer', {}, ['unicast_peer']],
    ['other-destination', {}, ['we speak multicast', 'unicast_peer']],
    ['other-destination', { unicast: true }, ['we speak unicast']],
    ['two-owners', {}, ['255']],
    ['plain-checksum', {}, ['RFC 9568']],
    ['same-address-other-vrid', {}, ['virtual_router_id 52', 'we have 51']],
  ])('%s: who, what, and what to change', (alarm, change, words) => {
    const text = alarmText(alarm, '10.0.0.2', { ...OWN, ...change }, HEARD);
    for (const word of ['(VI_1)', '10.0.0.2', ...words]) expect(text).toContain(word);
  });
});

describe('how often', () => {
  it('once for each kind and peer, counted always', () => {
    const alarms = new Alarms();
    const raised = [
      alarms.raise('wrong-password', '10.0.0.2'),
      alarms.raise('wrong-password', '10.0.0.2'),
      alarms.raise('wrong-password', '10.0.0.3'),
      alarms.raise('other-version', '10.0.0.2'),
    ];
    expect(raised).toEqual([true, false, true, true]);
    expect([...alarms.counts]).toEqual([
      ['wrong-password', 3],
      ['other-version', 1],
    ]);
  });

  it('a flood of sources does not fill the memory', () => {
    const alarms = new Alarms();
    const raised = Array.from({ length: 5000 }, (_, i) => alarms.raise('not-a-peer', `10.0.${i >> 8}.${i & 255}`));
    expect(raised.filter(Boolean).length).toBe(256);
    expect(alarms.counts.get('not-a-peer')).toBe(5000);
  });
});
