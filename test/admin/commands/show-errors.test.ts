/** `show errors`: HAProxy's layout, from messages that a data thread has kept, or that somebody else has written there. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  CAPTURE_ADDRESS,
  CAPTURE_CODE,
  CAPTURE_EVENT,
  CAPTURE_FAMILY,
  CAPTURE_LENGTH,
  CAPTURE_LOCK,
  CAPTURE_OTHER_SIDE,
  CAPTURE_PORT,
  CAPTURE_POSITION,
  CAPTURE_SECONDS,
  CAPTURE_SERVER,
  CAPTURE_SKIPPED,
  CAPTURE_TOTAL,
  DIRECTION_REQUEST,
  DIRECTION_RESPONSE,
  HEADER_CAPTURED,
} from '../../../src/proxy/shared-state.ts';
import { AdminScene } from '../../support/admin-scene.ts';
import { SeededRandom } from '../../support/random.ts';

let scene: AdminScene;
beforeEach(() => {
  scene = new AdminScene();
});
afterEach(() => scene.close());

function keep(proxy: number, direction: number, text: string, words: Readonly<Record<number, number>> = {}): void {
  const { state } = scene.side;
  const word = state.capture(proxy, direction);
  state.add(HEADER_CAPTURED, 1);
  const all = {
    [CAPTURE_EVENT]: state.get(HEADER_CAPTURED),
    [CAPTURE_SECONDS]: 1_700_000_000,
    [CAPTURE_FAMILY]: 4,
    [CAPTURE_ADDRESS]: (192 << 24) | (2 << 8) | 7,
    [CAPTURE_PORT]: 1234,
    [CAPTURE_LENGTH]: text.length,
    [CAPTURE_TOTAL]: text.length,
    [CAPTURE_CODE]: 7,
    ...words,
  };
  for (const [at, value] of Object.entries(all)) state.set(word + Number(at), value);
  Buffer.from(state.words.buffer).write(text, state.captureBytesAt(proxy, direction), 'latin1');
}

const WITHOUT_TIMES = /\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d\.\d{3}/g;
const errors = async (args = '') => (await scene.ask(`show errors${args}`)).replace(WITHOUT_TIMES, 'TIME');

describe('what was kept', () => {
  it('is shown as HAProxy shows it', async () => {
    const text = 'GET /foo HTTP/1.1\r\nHost: a\r\nBad Header: x\r\n\r\n';
    keep(0, DIRECTION_REQUEST, text, { [CAPTURE_POSITION]: 31 });
    keep(1, DIRECTION_RESPONSE, 'no\\pe\x1b\t\x00\xff', {
      [CAPTURE_OTHER_SIDE]: 1,
      [CAPTURE_SERVER]: 3,
      [CAPTURE_CODE]: 32 + 5,
      [CAPTURE_SKIPPED]: 10,
      [CAPTURE_TOTAL]: 30,
    });
    expect(await errors()).toBe(
      [
        'Total events captured on [TIME] : 2',
        ' ',
        '[TIME] frontend web (#2): invalid request',
        '  backend <NONE> (#-1), server <NONE> (#-1), event #0, src 192.0.2.7:1234',
        '  buffer starts at 0 (including 0 out), 16339 free,',
        '  len 45, wraps at 16384, error at position 31',
        '  reason: no colon, an empty name, or a byte that may not be there, in a field :',
        '  ',
        '  00000  GET /foo HTTP/1.1\\r\\n',
        '  00019  Host: a\\r\\n',
        '  00028  Bad Header: x\\r\\n',
        '  00043  \\r\\n',
        ' ',
        '[TIME] backend app (#3): invalid response',
        '  frontend web (#2), server s3 (#7), event #1, src 192.0.2.7:1234',
        '  buffer starts at 10 (including 0 out), 16354 free,',
        '  len 9, wraps at 16384, error at position 0',
        '  reason: the first line is malformed :',
        '  ',
        '  00000  no\\\\pe\\e\\t\\x00\\xFF',
        '',
        '',
      ].join('\n'),
    );
  });

  it('has long lines that go on', async () => {
    keep(0, DIRECTION_REQUEST, `GET /${'a'.repeat(150)}\x1b\xab\x7f\n\n`);
    const lines = (await errors()).split('\n').filter((line) => /^ {2}\d{5}/.test(line));
    expect(lines).toEqual([
      `  00000  GET /${'a'.repeat(65)}`,
      `  00070+ ${'a'.repeat(70)}`,
      `  00140+ ${'a'.repeat(15)}\\e\\xAB\\x7F\\n`,
      '  00159  \\n',
    ]);
    expect(lines.every((line) => line.length <= 79)).toBe(true);
  });

  it.each([
    ['a unix socket', 0, [0, 0, 0, 0], 'unix:0'],
    ['IPv6', 6, [0x20010db8, 0, 0, 1], '2001:db8::1:1234'],
    ['IPv6 with zeros in two places', 6, [0x20010000, 0x00010000, 0, 0x00000001], '2001:0:1::1:1234'],
    ['loopback', 6, [0, 0, 0, 1], '::1:1234'],
    ['no address', 6, [0, 0, 0, 0], ':::1234'],
    ['no zeros', 6, [0x20010db8, 0x00010002, 0x00030004, 0x00050006], '2001:db8:1:2:3:4:5:6:1234'],
  ])('came from %s', async (_, family, words, source) => {
    const address = Object.fromEntries(words.map((word, i) => [CAPTURE_ADDRESS + i, word | 0]));
    keep(0, DIRECTION_REQUEST, 'x', { [CAPTURE_FAMILY]: family, ...address });
    expect(await errors()).toContain(`, src ${source}\n`);
  });

  it.each([
    ['', ['web', 'app', 'tcp']],
    [' web', ['web', 'app']],
    [' 2', ['web', 'app']],
    [' app', ['app']],
    [' -1', ['web', 'app', 'tcp']],
    [' -1 request', ['web', 'tcp']],
    [' web request', ['web']],
    [' web response', ['app']],
    [' request', ['web', 'tcp']],
    [' 99', []],
  ])('is chosen by%s', async (args, expected) => {
    keep(0, DIRECTION_REQUEST, 'x');
    keep(1, DIRECTION_RESPONSE, 'x', { [CAPTURE_OTHER_SIDE]: 1 });
    keep(2, DIRECTION_REQUEST, 'x');
    const answer = await errors(args);
    expect([...answer.matchAll(/\] (?:frontend|backend) (\w+) /g)].map((match) => match[1])).toEqual(expected);
    expect(answer).toMatch(/^Total events captured on \[TIME\] : 3\n/);
  });

  it('of a proxy that is not there', async () => {
    expect(await errors(' nope')).toBe('No such proxy.\n\n');
  });

  it('is nothing', async () => {
    expect(await errors()).toBe('Total events captured on [TIME] : 0\n\n');
  });

  it('is left alone while somebody writes it', async () => {
    keep(0, DIRECTION_REQUEST, 'x', { [CAPTURE_LOCK]: 1 });
    keep(2, DIRECTION_REQUEST, 'x');
    const answer = await errors();
    expect(answer).not.toContain('frontend web');
    expect(answer).toContain('frontend tcp');
  });
});

describe('a data process that lies', () => {
  it.each([1, 2, 3])('is shown within bounds, whatever it writes (seed %i)', async (seed) => {
    const random = new SeededRandom(seed);
    const { state } = scene.side;
    for (let round = 0; round < 20; round++) {
      for (let proxy = 0; proxy < 3; proxy++) {
        for (const direction of [DIRECTION_REQUEST, DIRECTION_RESPONSE]) {
          const word = state.capture(proxy, direction);
          for (let i = 1; i < 32; i++) state.set(word + i, random.below(2 ** 32) | 0);
          state.set(word + CAPTURE_LOCK, 0);
        }
      }
      const answer = await errors();
      expect(answer).toMatch(/^Total events captured/);
      expect(answer).not.toContain('Internal error');
      expect(answer.length).toBeLessThan(6 * (16_384 * 6 + 2000));
    }
  });
});
