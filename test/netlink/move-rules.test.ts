/** The rules of a hand-over, of both sides: forward-rules.ts and silence-rules.ts. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forwardEnd, forwardRules } from '../../src/netlink/forward-rules.ts';
import { silenceEnd, silenceRules } from '../../src/netlink/silence-rules.ts';
import { type Namespace, NamespaceLab } from '../support/namespaces.ts';
import { describeAsRoot, programPath } from '../support/peers.ts';

const FOUR = { family: 4, ip: '10.0.0.10' } as const;
const SIX = { family: 6, ip: 'fd00::10' } as const;
const forward = (to: string, name = 'VI_1') =>
  forwardRules({ name, device: 'lo', addresses: [FOUR, SIX], to, endS: 15 });
const silence = (own: string) => silenceRules({ name: 'VI_1', addresses: [FOUR, SIX], own, endS: 15 });

describe('what is passed on', () => {
  it('is what begins with a SYN to an address of the family of the other box, and goes on so', () => {
    const rules = forward('10.0.0.2');
    expect(rules).toContain('elements = { 10.0.0.10 timeout 15s }');
    expect(rules).toContain('ip daddr @moving tcp flags & (fin | syn | rst | ack) == syn update @moved');
    expect(rules.match(/fwd ip to 10\.0\.0\.2 device "lo"/g)).toHaveLength(2);
    expect(forward('fe80::2')).toContain('elements = { fd00::10 timeout 15s }');
  });

  it('has a table for each virtual router', () => {
    expect(forwardEnd('a-b')).not.toBe(forwardEnd('a_b'));
    expect(silenceEnd('a', 4)).not.toBe(silenceEnd('a', 6));
  });
});

describeAsRoot('nft', () => {
  const lab = new NamespaceLab();
  let space: Namespace;
  const nft = (input: string, ...args: string[]) => {
    const [program = '', ...rest] = [...space.exec, programPath('nft'), ...args];
    return execFileSync(program, rest, { input, encoding: 'utf8' });
  };

  beforeAll(() => {
    space = lab.add('nft');
  });
  afterAll(() => lab.remove());

  it.each([
    ['passing on, IPv4', forward('10.0.0.2', 'VI-1 x'), forwardEnd('VI-1 x')],
    ['passing on, IPv6', forward('fe80::2'), forwardEnd('VI_1')],
    ['silence, IPv4', silence('10.0.0.1'), silenceEnd('VI_1', 4)],
    ['silence, IPv6', silence('fe80::1'), silenceEnd('VI_1', 6)],
  ])('takes the rules, again, and away: %s', (_, add, end) => {
    nft(add, '-f', '-');
    nft(add, '-f', '-');
    expect(nft('', 'list', 'ruleset')).toContain('expires');
    nft(end, '-f', '-');
    nft(end, '-f', '-');
    expect(nft('', 'list', 'ruleset')).toBe('');
  });
}, ['netns', 'nft']);
