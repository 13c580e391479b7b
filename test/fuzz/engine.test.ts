/** The fuzzing itself: that it finds what is there, makes it small, and makes it again. */
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../support/random.ts';
import { inputSeed, makeInput, run } from './engine/campaign.ts';
import { fromPrintable, printable } from './engine/printable.ts';
import { shrink } from './engine/shrink.ts';
import type { Target } from './engine/target.ts';
import { chunkedBody, request, response } from './http/grammar.ts';
import { Llhttp } from './http/llhttp.ts';
import { mutate } from './http/mutate.ts';

const letters = (random: SeededRandom): string =>
  Array.from({ length: random.below(40) }, () => String.fromCharCode(97 + random.below(26))).join('');

/** Wrong whenever an x comes somewhere before a y. */
const planted: Target = {
  name: 'planted',
  count: 500,
  make: letters,
  check: (input, tally) => {
    tally.count('looked at');
    return /x.*y/.test(input) ? { kind: 'x before y', detail: input } : null;
  },
  expected: [],
};

describe('a run', () => {
  it('finds what is wrong, once, as small as it gets, with the way back to it', async () => {
    const told: string[] = [];
    const { found, inputs, tally } = await run(planted, {
      seed: 1,
      count: 500,
      onFound: ({ kind }) => told.push(kind),
    });
    expect([inputs, tally.of('looked at')]).toEqual([500, 500]);
    expect(found).toMatchObject([{ kind: 'x before y', shrunk: 'xy', detail: 'xy' }]);
    const [one] = found;
    expect(one?.times).toBeGreaterThan(1);
    expect(makeInput(planted, one?.seed ?? 0, one?.at ?? 0)).toBe(one?.input);
    expect(told).toEqual(['x before y']);
  });

  it('takes an exception for a finding', async () => {
    const check = (): never => {
      throw new TypeError('no');
    };
    const { found } = await run({ ...planted, check }, { seed: 1, count: 3 });
    expect(found).toMatchObject([{ kind: 'exception: TypeError: no', times: 3 }]);
  });

  it('goes on from any input, and stops when it is told', async () => {
    const seen: string[] = [];
    const target: Target = {
      ...planted,
      check: (input) => {
        seen.push(input);
        return null;
      },
    };
    const { inputs } = await run(target, { seed: 7, from: 3, count: 10, stop: () => seen.length === 4 });
    expect(inputs).toBe(4);
    expect(seen).toEqual([3, 4, 5, 6].map((at) => makeInput(planted, 7, at)));
  });

  it('gives each input of each seed a seed of its own', () => {
    const seeds = new Set<number>();
    for (let seed = 0; seed < 100; seed++) for (let at = 0; at < 100; at++) seeds.add(inputSeed(seed, at));
    expect(seeds.size).toBeGreaterThan(9990);
  });
});

describe('shrinking', () => {
  it('keeps what shows the fault, and makes the rest plain', async () => {
    const shows = (text: string): boolean => text.includes('\r\n\r\n') && text.length >= 8;
    expect(await shrink('GET / HTTP/1.1\r\nHost: a\r\n\r\nbody', shows)).toMatch(/^[a0 ]*\r\n\r\n[a0 ]*$/);
  });

  it('ends', async () => {
    let tries = 0;
    const input = 'z'.repeat(5000);
    await shrink(input, () => tries++ % 2 === 0, 100);
    expect(tries).toBeLessThanOrEqual(100);
  });
});

describe('an input as text', () => {
  it('is the same when it is read again', () => {
    const all = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join('');
    expect(fromPrintable(printable(all))).toBe(all);
    expect(printable(all)).toMatch(/^[ -~]*$/);
  });
});

describe('messages that are made', () => {
  it.each([
    ['request', request],
    ['response', response],
    ['chunked', chunkedBody],
  ])('are bytes, and the same for the same seed: %s', (_what, make) => {
    const one = (seed: number): string => {
      const random = new SeededRandom(seed);
      return mutate(random, make(random), () => make(random));
    };
    const made = Array.from({ length: 500 }, (_, seed) => one(seed));
    expect(made.every((text) => /^[\x00-\xff]*$/.test(text))).toBe(true);
    expect(made.map((_text, seed) => one(seed))).toEqual(made);
    expect(new Set(made).size).toBeGreaterThan(400);
  });
});

describe('llhttp', () => {
  const llhttp = new Llhttp();

  it('reads messages, with bodies and trailers', () => {
    const text = 'POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: u\r\n\r\n';
    const { messages, error } = llhttp.requests(`${text}GET / HTTP/1.1\r\nHost: b\r\n\r\n`);
    expect(error).toBeNull();
    expect(messages).toMatchObject([
      { method: 'POST', url: '/x', minor: 1, body: 'abc', trailers: [['T', 'u']], complete: true },
      { method: 'GET', url: '/', fields: [['Host', 'b']], complete: true },
    ]);
  });

  it('says what it does not take', () => {
    expect(llhttp.requests('GET / HTTP/1.1\r\nHost: a\n\r\n').error).toMatch(/^HPE_/);
    expect(llhttp.responses('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc', true).error).toMatch(/^HPE_/);
  });

  it('knows fields beyond the 32 that it tells at once', () => {
    const fields = Array.from({ length: 70 }, (_, i) => `X-${i}: ${i}\r\n`).join('');
    const { messages } = llhttp.requests(`GET /x HTTP/1.1\r\n${fields}\r\n`);
    expect(messages[0]).toMatchObject({ url: '/x', complete: true });
    expect(messages[0]?.fields).toHaveLength(70);
  });
});
