/** The expressions of `.if`. Nesting of blocks is compared with HAProxy in agreement.test.ts. */
import { describe, expect, it } from 'vitest';
import { compareVersions, evaluateCondition } from '../../../src/config/haproxy/conditions.ts';
import { SeededRandom } from '../../support/random.ts';

const facts = { env: { HERE: '' }, version: '2.6.12', features: '+EPOLL -LUA +TFOX', enabled: ['EPOLL'] };

describe('conditions', () => {
  it.each<[string, boolean]>([
    ['', false],
    ['0', false],
    ['1', true],
    ['-2', true],
    ['0x10', true],
    ['0x00', false],
    ['!0', true],
    ['! !1', true],
    ['!1', false],
    ['1&&0', false],
    ['1 && 1', true],
    ['0 || 1', true],
    ['0||0', false],
    ['0 && 1 || 1', true],
    ['1 || 1 && 0', true],
    ['(1 || 1) && 0', false],
    ['!(1 && 1)', false],
    ['((1))', true],
    ['defined(HERE)', true],
    ['defined(GONE)', false],
    ['defined(constructor)', false],
    ['defined', false],
    ['!defined(GONE) && defined(HERE)', true],
    ['feature(EPOLL)', true],
    ['feature(LUA)', false],
    ['feature(TFO)', false],
    ['enabled(EPOLL)', true],
    ['enabled(SPLICE)', false],
    ['streq(a,a)', true],
    ['streq(a,b)', false],
    ['streq(a, a)', false],
    ['streq("a,b",\'a,b\')', true],
    ['streq(a\\ b,"a b")', true],
    ['streq(,)', true],
    ['strneq(a,b)', true],
    ['version_atleast(2.6)', true],
    ['version_atleast(2.6.12)', true],
    ['version_atleast(2.6.13)', false],
    ['version_atleast(2.7-dev1)', false],
    ['version_before(2.7-dev1)', true],
    ['version_before(2.6.12)', false],
    ['openssl_version_atleast(1.1.1)', false],
  ])('%j is %s', (text, value) => {
    expect(evaluateCondition(text, facts)).toEqual({ value, error: null });
  });

  it.each([
    ['bogus', 0],
    ['constructor(x)', 0],
    ['1 1', 2],
    ['(1', 2],
    ['1)', 1],
    ['1 &&', 4],
    ['|| 1', 0],
    ['0 && bogus', 5],
    ['streq(a)', 7],
    ['streq(a,b,c)', 9],
    ['defined(a', 9],
    ['!', 1],
  ])('%j makes no sense', (text, at) => {
    const result = evaluateCondition(text, facts);
    expect(result.value).toBeNull();
    expect(result).toMatchObject({ at });
  });

  it('never throws, and never recurses without end', () => {
    expect(evaluateCondition('('.repeat(100_000), facts).value).toBeNull();
    expect(evaluateCondition('0||'.repeat(100_000), facts).value).toBeNull();
    const random = new SeededRandom(4711);
    const pieces = [
      '(',
      ')',
      '!',
      '&&',
      '||',
      ' ',
      '1',
      '0',
      'streq',
      'defined',
      ',',
      '"',
      "'",
      '\\',
      'a',
      '0x',
    ] as const;
    for (let round = 0; round < 20_000; round++) {
      let text = '';
      for (let i = random.below(12); i > 0; i--) text += random.pick(pieces);
      expect(() => evaluateCondition(text, facts)).not.toThrow();
    }
  });
});

describe('versions', () => {
  it('are in order', () => {
    const ordered = [
      '1.9',
      '2.0-dev3',
      '2.0',
      '2.0.1',
      '2.5.9',
      '2.6-dev1',
      '2.6-dev12',
      '2.6',
      '2.6.2',
      '2.6.12',
      '2.10',
      '3.0',
    ];
    for (const [i, a] of ordered.entries()) {
      for (const [j, b] of ordered.entries())
        expect(Math.sign(compareVersions(a, b)), `${a} ${b}`).toBe(Math.sign(i - j));
    }
  });
});
