import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dropRules } from '../../src/netlink/drop-rules.ts';
import { type Namespace, NamespaceLab } from '../support/namespaces.ts';
import { describeAsRoot, programPath } from '../support/peers.ts';

const FOUR = { family: 4, ip: '10.0.0.10' } as const;
const SIX = { family: 6, ip: 'fd00::10' } as const;

describe('rules that drop', () => {
  it('name the addresses, and leave neighbour discovery alone', () => {
    const { add } = dropRules('VI_1', [FOUR, SIX]);
    expect(add).toContain('ip daddr { 10.0.0.10 } drop');
    expect(add.indexOf('nd-neighbor-solicit')).toBeLessThan(add.indexOf('ip6 daddr { fd00::10 } drop'));
  });

  it('different names have different tables', () => {
    expect(dropRules('a-b', [FOUR]).remove).not.toBe(dropRules('a_b', [FOUR]).remove);
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

  it('takes them, again, and away', () => {
    const { add, remove } = dropRules('VI-1 x', [FOUR, SIX]);
    nft(add, '-f', '-');
    nft(add, '-f', '-');
    expect(nft('', 'list', 'ruleset')).toContain('10.0.0.10 drop');
    nft(remove, '-f', '-');
    nft(remove, '-f', '-');
    expect(nft('', 'list', 'ruleset')).toBe('');
  });
}, ['netns', 'nft']);
