/** What nft and the kernel lack, named. */
import { describe, expect, it } from 'vitest';
import { systemTimers } from '../../src/core/clock.ts';
import { SystemCommands } from '../../src/daemon/commands.ts';
import { missingForKernel } from '../../src/l4/kernel-probe.ts';
import { FakeCommands } from '../support/fake-commands.ts';
import { describeWithPeer } from '../support/peers.ts';

const BOTH = { nat: true, direct: true };

/** A kernel that refuses what has one of these words in it. */
function kernelWithout(...words: readonly string[]): FakeCommands {
  const commands = new FakeCommands();
  commands.answer = (argv) => {
    const text = commands.runs.at(-1)?.options.stdin ?? '';
    if (argv.includes('--version')) return { stdout: 'nftables v0.9.3 (Topsy)\n' };
    return { exitCode: words.some((word) => text.includes(word)) ? 1 : 0 };
  };
  return commands;
}

describe('what is missing', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['nothing', [], []],
    [
      'NAT',
      ['type nat'],
      ['the kernel lacks nft_chain_nat, which virtual servers need: modprobe nft_chain_nat, or a kernel that has it'],
    ],
    [
      'sending on',
      ['fwd'],
      ['the kernel lacks nft_fwd_netdev, which virtual servers need: modprobe nft_fwd_netdev, or a kernel that has it'],
    ],
    [
      'refusing',
      ['reject'],
      [
        'the kernel lacks nft_reject_inet, which virtual servers need: modprobe nft_reject_inet, or a kernel that has it',
      ],
    ],
    [
      'turns and hashes',
      ['numgen', 'jhash'],
      [
        'the kernel lacks nft_numgen, which virtual servers need: modprobe nft_numgen, or a kernel that has it',
        'the kernel lacks nft_hash, which virtual servers need: modprobe nft_hash, or a kernel that has it',
      ],
    ],
    [
      'ingress',
      ['ingress'],
      ['the kernel lacks the netdev family of nf_tables, which virtual servers need: another kernel has it'],
    ],
    [
      'NAT, and sending on',
      ['type nat', 'fwd'],
      [
        'the kernel lacks nft_chain_nat, which virtual servers need: modprobe nft_chain_nat, or a kernel that has it',
        'the kernel lacks nft_fwd_netdev, which virtual servers need: modprobe nft_fwd_netdev, or a kernel that has it',
      ],
    ],
    [
      'all of it',
      ['table'],
      [
        'virtual servers need tables of nftables, and nft may not make any: it takes CAP_NET_ADMIN (root, AmbientCapabilities= in a unit, --cap-add NET_ADMIN of a container), and nf_tables in the kernel',
      ],
    ],
    ['something else', ['comment'], ['nft 0.9.3 does not take the rules of virtual servers; 1.0.6 does']],
  ])('%s', async (_, words, sentences) => {
    expect(await missingForKernel(kernelWithout(...words), BOTH)).toEqual(sentences);
  });

  it('of what is not wanted nothing is asked', async () => {
    expect(await missingForKernel(kernelWithout('ingress', 'fwd'), { nat: true, direct: false })).toEqual([]);
  });

  it('without nft', async () => {
    const commands = new FakeCommands();
    commands.answer = () => ({ exitCode: null, how: 'spawn nft ENOENT' });
    const [sentence = ''] = await missingForKernel(commands, BOTH);
    expect(sentence).toContain('package nftables');
    expect(sentence).toContain('ENOENT');
  });
});

describeWithPeer(['netns', 'nft'], 'the kernel here', () => {
  it('has it all', async () => {
    expect(await missingForKernel(new SystemCommands(systemTimers, process.env), BOTH)).toEqual([]);
  });
});
