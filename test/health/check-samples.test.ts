import { describe, expect, it } from 'vitest';
import type { CheckText } from '../../src/config/check-model.ts';
import { numberOf, type SampleScene, setVariable, textOf } from '../../src/health/check-samples.ts';
import { FakeTime } from '../support/fake-time.ts';
import { modelOf } from '../support/model.ts';

/** What `send-lf` has, by the loader. */
function text(written: string): CheckText {
  const model = modelOf(
    `backend b\n timeout connect 1s\n timeout server 1s\n option tcp-check\n tcp-check send-lf '${written}'\n`,
  );
  const [, rule] = model.proxies[0]?.checkMethod.rules ?? [];
  if (rule?.kind !== 'send') throw new Error('no send');
  return rule.text;
}

function scene(changes: Partial<SampleScene> = {}): SampleScene {
  const clock = new FakeTime();
  return { clock, received: null, answer: null, variables: new Map(), backend: 'b', server: 's', ...changes };
}

const answer = {
  status: 503,
  reason: 'No',
  headers: [
    { name: 'X-A', value: 'one, two' },
    { name: 'x-a', value: 'three' },
  ],
  body: 'hello',
  complete: true,
};

describe('texts', () => {
  it.each([
    ['100%%', '100%'],
    ['<%[str(a)]>', '<a>'],
    ['%[bool(true)]%[always_false]', '10'],
    ['%[int(-5)]', '-5'],
    ['%[be_name]/%[srv_name]', 'b/s'],
    ['%[date,htonl,hex]', '6553F100'],
    ['%[date(-3600)]', '1699996400'],
    ['%[str(aBc),lower]%[str(aBc),upper]', 'abcABC'],
    ['%[str(abc),length]', '3'],
    ['%[str(abc),hex]', '616263'],
    ['%[str(abcdef),bytes(1,2)]%[str(abcdef),bytes(4)]', 'bcef'],
    ['%[str(xxaxx),ltrim(x)]%[str(xxaxx),rtrim(x)]', 'axxxxa'],
    ['%[var(check.none)]', ''],
    ['gr\u00fcn', 'gr\u00c3\u00bcn'],
  ])('%j', (written, expected) => {
    expect(textOf(text(written), scene())).toBe(expected);
  });

  it.each([
    ['%[res.len]', '6'],
    ['%[res.payload(0,0),cut_crlf]', '+PON'],
    ['%[res.payload(1,3)]', 'PON'],
    ['%[res.payload(4,9)]', ''],
    ['%[res.payload(7,0)]', ''],
  ])('%j of what was received', (written, expected) => {
    expect(textOf(text(written), scene({ received: '+PON\r\n' }))).toBe(expected);
    expect(textOf(text(written), scene())).toBe(written === '%[res.len]' ? '0' : '');
  });

  it.each([
    ['%[status]', '503'],
    ['%[res.hdr(x-a)]', 'three'],
    ['%[res.fhdr(X-A)]', 'three'],
    ['%[res.hdr(x-b)]', ''],
    ['%[res.body]', 'hello'],
    ['%[res.body_len]', '5'],
  ])('%j of an answer', (written, expected) => {
    expect(textOf(text(written), scene({ answer }))).toBe(expected);
    expect(textOf(text(written), scene())).toBe('');
  });

  it('a header of several values gives the last', () => {
    const [header] = answer.headers;
    const one = { ...answer, headers: header === undefined ? [] : [header] };
    expect(textOf(text('%[res.hdr(x-a)]|%[res.fhdr(x-a)]'), scene({ answer: one }))).toBe('two|one, two');
  });
});

describe('variables and numbers', () => {
  it('last as long as the scene', () => {
    const here = scene();
    setVariable('check.a', text('%[str(12x)]!'), here);
    const [, expression] = text('x%[var(check.a),length]');
    if (typeof expression !== 'object') throw new Error('no expression');
    expect(numberOf(expression, here)).toBe(4);
    expect(numberOf(expression, scene())).toBeNull();
    setVariable('check.b', expression, here);
    expect(textOf(text('%[var(check.a)]%[var(check.b)]'), here)).toBe('12x!4');
  });

  it.each([
    ['%[str(12x)]', 12],
    ['%[str(x)]', 0],
    ['%[str(-7)]', -7],
    ['%[bool(true)]', 1],
  ])('%j is a number', (written, expected) => {
    const [expression] = text(written);
    expect(typeof expression === 'object' ? numberOf(expression, scene()) : null).toBe(expected);
  });
});
