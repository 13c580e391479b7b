import { describe, expect, it } from 'vitest';
import { type SessionPlace, sessionName, sessionPlace } from '../../src/daemon/session-name.ts';

describe('the name of a session', () => {
  it('looks like a pointer, and says where it is', () => {
    const place: SessionPlace = { generation: 1, thread: 0, serial: 42, request: 1 };
    expect(sessionName(place)).toBe('0x1010000002a001');
    expect(sessionPlace('0x1010000002a001')).toEqual(place);
  });

  it.each([
    { generation: 7, thread: 63, serial: 0xffff_ffff, request: 4095 },
    { generation: 4095, thread: 1, serial: 1, request: 2 },
  ])('comes back: %j', (place) => {
    expect(sessionPlace(sessionName(place))).toEqual(place);
  });

  it('has the low bits of large numbers, and 64 at most', () => {
    const name = sessionName({ generation: 2 ** 30, thread: 5, serial: 2 ** 32 + 3, request: 4097 });
    expect(BigInt(name) < 1n << 64n).toBe(true);
    expect(sessionPlace(name)).toMatchObject({ thread: 5, serial: 3, request: 1 });
  });

  it('is read as strtoul reads numbers', () => {
    const decimal = BigInt('0x1010000002a001').toString();
    expect(sessionPlace(decimal)).toEqual(sessionPlace('0x1010000002a001'));
    expect(sessionPlace('0X1010000002A001 and more')).toEqual(sessionPlace('0x1010000002a001'));
    expect(sessionPlace(`0${BigInt('0x1010000002a001').toString(8)}`)).toEqual(sessionPlace('0x1010000002a001'));
  });

  it.each(['', 'abc', '0', '0x0', '-1', '0xg', '0x10000000000000000', '99999999999999999999999999'])(
    '%j names nothing',
    (text) => {
      expect(sessionPlace(text)).toBeNull();
    },
  );
});
