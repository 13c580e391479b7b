/** Messages of type 2: what Tandems say to each other. As adverts in all but type and priority. */
import { expect, it } from 'vitest';
import { judge } from '../../src/vrrp/acceptance.ts';
import { authDataOf } from '../../src/vrrp/auth-data.ts';
import { type Advert, AUTH_NONE, AUTH_PASS, decodeAdvert, encodeAdvert, type Word } from '../../src/vrrp/packet.ts';

const FOUR = { source: '10.77.0.1', destination: '224.0.0.18' };
const SIX = { source: 'fe80::1', destination: 'ff02::12' };
const TWO: Advert = {
  version: 2,
  vrid: 51,
  priority: 150,
  intervalCs: 100,
  addresses: ['10.77.0.100'],
  authType: AUTH_PASS,
  authData: authDataOf('1066'),
};
const THREE: Advert = { ...TWO, version: 3, authType: AUTH_NONE, authData: new Uint8Array(0) };
const WORDS: readonly Word[] = ['leaving', 'following', 'done'];

it.each(WORDS)('%s is the same in all versions and families', (word) => {
  for (const [advert, ends] of [
    [TWO, FOUR],
    [THREE, FOUR],
    [{ ...THREE, addresses: ['fd77::100'] }, SIX],
  ] as const) {
    const message = encodeAdvert({ ...advert, word }, ends);
    expect(message[0]).toBe((advert.version << 4) | 2);
    expect(decodeAdvert(message, ends)).toMatchObject({ fault: null, advert: { word } });
  }
});

it('an advert has none', () => {
  const decoded = decodeAdvert(encodeAdvert(THREE, FOUR), FOUR);
  expect(decoded.fault === null && 'word' in decoded.advert).toBe(false);
});

it('words that nobody knows are of no type', () => {
  for (let code = 0; code < 256; code++) {
    const message = encodeAdvert({ ...TWO, word: 'done' }, FOUR);
    message[2] = code;
    const { fault } = decodeAdvert(message, FOUR);
    expect([code, fault]).toEqual([code, code === 3 ? null : code === 1 || code === 2 ? 'bad-checksum' : 'bad-type']);
  }
});

it('are checked as adverts are: whoever has no password has no say', () => {
  const expected = {
    version: 2,
    vrid: 51,
    intervalCs: 100,
    authData: authDataOf('1066'),
    addresses: ['10.77.0.100'],
    addressCheck: 'drop',
    peers: null,
    group: FOUR.destination,
  } as const;
  const say = (change: Partial<Advert>, ttl = 255) =>
    judge(expected, { ...FOUR, ttl, message: encodeAdvert({ ...TWO, word: 'leaving', ...change }, FOUR) }, []).refusal;
  expect(say({})).toBeNull();
  expect(say({ authData: authDataOf('1067') })).toBe('wrong-password');
  expect(say({ vrid: 52 })).toBe('other-vrid');
  expect(say({ addresses: ['10.77.0.101'] })).toBe('other-addresses');
  expect(say({}, 254)).toBe('bad-ttl');
});
