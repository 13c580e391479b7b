import { describe, expect, it } from 'vitest';
import { internetChecksum, pseudoHeader } from '../../src/core/internet-checksum.ts';
import { authDataOf } from '../../src/vrrp/auth-data.ts';
import { type Advert, AUTH_NONE, AUTH_PASS, decodeAdvert, encodeAdvert } from '../../src/vrrp/packet.ts';
import { SeededRandom } from '../support/random.ts';

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));
const hex = (message: Uint8Array) => Buffer.from(message).toString('hex');

const ENDS4 = { source: '10.77.0.1', destination: '224.0.0.18' };
const ENDS6 = { source: 'fe80::77:ff:fe00:1', destination: 'ff02::12' };
const NO_DATA = new Uint8Array(0);

/** What keepalived 2.2.7 put on the wire (tcpdump), behind the IP header. */
const KEEPALIVED: readonly { name: string; ends: typeof ENDS4; wire: string; advert: Advert }[] = [
  {
    name: 'version 2 with PASS and two addresses',
    ends: ENDS4,
    wire: '2133 ff02 0101 61ff 0a4d 0064 0a4d 0065 3130 3636 0000 0000',
    advert: {
      version: 2,
      vrid: 51,
      priority: 255,
      intervalCs: 100,
      addresses: ['10.77.0.100', '10.77.0.101'],
      authType: AUTH_PASS,
      authData: authDataOf('1066'),
    },
  },
  {
    name: 'version 3 over IPv4 at 0.1 s',
    ends: ENDS4,
    wire: '3134 9601 000a 4330 0a4d 0066',
    advert: {
      version: 3,
      vrid: 52,
      priority: 150,
      intervalCs: 10,
      addresses: ['10.77.0.102'],
      authType: AUTH_NONE,
      authData: NO_DATA,
    },
  },
  {
    name: 'version 3 over IPv6',
    ends: ENDS6,
    wire: `3135 9602 000a 3d1f fe80 0000 0000 0000 0000 0000 0000 0100 fd77 0000 0000 0000 0000 0000 0000 0100`,
    advert: {
      version: 3,
      vrid: 53,
      priority: 150,
      intervalCs: 10,
      addresses: ['fe80::100', 'fd77::100'],
      authType: AUTH_NONE,
      authData: NO_DATA,
    },
  },
  {
    name: 'version 2 without authentication, its 8 bytes all the same',
    ends: ENDS4,
    wire: '2133 ff01 0001 d518 0a4d 0064 0000 0000 0000 0000',
    advert: {
      version: 2,
      vrid: 51,
      priority: 255,
      intervalCs: 100,
      addresses: ['10.77.0.100'],
      authType: AUTH_NONE,
      authData: new Uint8Array(8),
    },
  },
];

describe('the wire', () => {
  it.each(KEEPALIVED)('$name is as keepalived writes it', ({ advert, ends, wire }) => {
    expect(hex(encodeAdvert(advert, ends))).toBe(hex(bytes(wire)));
  });

  it.each(KEEPALIVED)('$name is read as it was meant', ({ advert, ends, wire }) => {
    const form = advert.version === 2 ? 'plain' : 'pseudo-header';
    expect(decodeAdvert(bytes(wire), ends)).toEqual({ fault: null, checksum: form, advert });
  });

  it.each(KEEPALIVED)('$name is refused at every shorter length', ({ ends, wire }) => {
    const whole = bytes(wire);
    for (let length = 0; length < whole.length; length++) {
      const { fault } = decodeAdvert(whole.slice(0, length), ends);
      expect(fault).toBe(length < 8 ? 'too-short' : 'bad-length');
    }
    expect(decodeAdvert(new Uint8Array([...whole, 0]), ends).fault).toBe('bad-length');
  });

  it.each(KEEPALIVED)('$name is refused with any one bit turned, or says what that bit says', ({ ends, wire }) => {
    const whole = bytes(wire);
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const turned = whole.slice();
      turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
      expect(decodeAdvert(turned, ends).fault).not.toBeNull();
    }
  });
});

function v2(change: (message: Uint8Array) => void): Uint8Array {
  return resummed(bytes(KEEPALIVED[0]?.wire ?? ''), change);
}

/** With a change, and a checksum without pseudo-header that is right again. */
function resummed(message: Uint8Array, change: (message: Uint8Array) => void): Uint8Array {
  change(message);
  message.fill(0, 6, 8);
  const sum = internetChecksum(message);
  message[6] = sum >> 8;
  message[7] = sum & 0xff;
  return message;
}

const v3plain = (change: (message: Uint8Array) => void) => resummed(bytes(KEEPALIVED[1]?.wire ?? ''), change);

describe('what is not an advertisement', () => {
  it.each<[string, Uint8Array, string]>([
    ['version 1', v2((m) => m.fill(0x11, 0, 1)), 'bad-version'],
    ['version 4', v2((m) => m.fill(0x41, 0, 1)), 'bad-version'],
    ['type 2', v2((m) => m.fill(0x22, 0, 1)), 'bad-type'],
    ['virtual router 0', v2((m) => m.fill(0, 1, 2)), 'bad-vrid'],
    ['a count that does not fit', v2((m) => m.fill(1, 3, 4)), 'bad-length'],
    ['a count of 255', v2((m) => m.fill(255, 3, 4)), 'bad-length'],
    ['interval 0 in version 2', v2((m) => m.fill(0, 5, 6)), 'bad-interval'],
    ['interval 0 in version 3', v3plain((m) => m.fill(0, 4, 6)), 'bad-interval'],
    ['no addresses in version 3', resummed(bytes('3134 9600 0064 0000'), () => {}), 'no-addresses'],
    ['no addresses in version 2', resummed(bytes('2133 9600 0001 0000 00000000 00000000'), () => {}), 'no-addresses'],
    ['CARP (ucarp)', bytes(`2101 0007 0001 1234 ${'00'.repeat(28)}`), 'carp'],
  ])('%s', (_, message, fault) => {
    expect(decodeAdvert(message, ENDS4).fault).toBe(fault);
  });

  it('version 2 over IPv6', () => {
    expect(decodeAdvert(bytes(KEEPALIVED[0]?.wire ?? ''), ENDS6).fault).toBe('bad-version');
  });

  it('version 2 summed with a pseudo-header', () => {
    const message = bytes(KEEPALIVED[0]?.wire ?? '');
    message.fill(0, 6, 8);
    const ends = [ENDS4.source, ENDS4.destination].map((ip) => Uint8Array.from(ip.split('.').map(Number)));
    const sum = internetChecksum(message, pseudoHeader(ends[0] ?? NO_DATA, ends[1] ?? NO_DATA, 112, message.length));
    message.set([sum >> 8, sum & 0xff], 6);
    expect(decodeAdvert(message, ENDS4).fault).toBe('bad-checksum');
  });
});

describe('version 3', () => {
  const three = KEEPALIVED[1]?.advert as Advert;

  it('over IPv4 is accepted with both forms of the checksum, and says which', () => {
    const plain = encodeAdvert(three, ENDS4, { checksum: 'plain' });
    const withHeader = encodeAdvert(three, ENDS4);
    expect(hex(plain)).not.toBe(hex(withHeader));
    expect(decodeAdvert(plain, ENDS4)).toMatchObject({ fault: null, checksum: 'plain' });
    expect(decodeAdvert(withHeader, ENDS4)).toMatchObject({ fault: null, checksum: 'pseudo-header' });
  });

  it('over IPv6 is accepted with the pseudo-header only', () => {
    const message = bytes(KEEPALIVED[2]?.wire ?? '');
    const plain = resummed(message, () => {});
    expect(decodeAdvert(plain, ENDS6).fault).toBe('bad-checksum');
    const asked = encodeAdvert(KEEPALIVED[2]?.advert as Advert, ENDS6, { checksum: 'plain' });
    expect(decodeAdvert(asked, ENDS6).fault).toBeNull();
  });

  it('is summed over the real destination when it is unicast', () => {
    const ends = { source: '10.77.0.1', destination: '10.77.0.2' };
    expect(decodeAdvert(encodeAdvert(three, ends), ends).fault).toBeNull();
    expect(decodeAdvert(encodeAdvert(three, ENDS4), ends).fault).toBe('bad-checksum');
  });

  it('ignores the reserved bits', () => {
    const message = v3plain((m) => m.fill(0xf0, 4, 5));
    expect(decodeAdvert(message, ENDS4)).toMatchObject({ fault: null, advert: { intervalCs: 10 } });
  });

  it('carries intervals up to 40.95 s', () => {
    const slow = { ...three, intervalCs: 4095 };
    expect(decodeAdvert(encodeAdvert(slow, ENDS4), ENDS4)).toMatchObject({ advert: { intervalCs: 4095 } });
  });
});

describe('any bytes', () => {
  it('never throw, and almost never are an advertisement', () => {
    const random = new SeededRandom(20261121);
    let accepted = 0;
    for (let round = 0; round < 20_000; round++) {
      const message = Uint8Array.from({ length: random.size(128) }, () => random.below(256));
      if (round % 2 === 0) message.set([random.pick([0x21, 0x31]), 51, 100, 1].slice(0, message.length));
      if (decodeAdvert(message, round % 3 === 0 ? ENDS6 : ENDS4).fault === null) accepted++;
    }
    expect(accepted).toBeLessThan(5);
  });

  it('that are right but for what follows are carried back as they came', () => {
    const random = new SeededRandom(7);
    for (let round = 0; round < 500; round++) {
      const version = random.pick([2, 3] as const);
      const advert: Advert = {
        version,
        vrid: 1 + random.below(255),
        priority: random.below(256),
        intervalCs: version === 2 ? 100 * (1 + random.below(255)) : 1 + random.below(4095),
        addresses: Array.from({ length: 1 + random.below(255) }, (_, i) => `10.${random.below(256)}.1.${i}`),
        authType: version === 2 ? AUTH_PASS : AUTH_NONE,
        authData: version === 2 ? Uint8Array.from({ length: 8 }, () => random.below(256)) : NO_DATA,
      };
      expect(decodeAdvert(encodeAdvert(advert, ENDS4), ENDS4)).toMatchObject({ fault: null, advert });
    }
  });
});
