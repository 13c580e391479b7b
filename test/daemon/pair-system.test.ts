/** What `global_defs` says about the process, at the start and whenever it is read again. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Journal } from '../../src/daemon/journal.ts';
import { systemSetup } from '../../src/daemon/pair-system.ts';
import { pairModel } from '../support/pair-model.ts';

let asked: string[];
let said: string[];
let permitted: boolean;
beforeEach(() => {
  asked = [];
  said = [];
  permitted = true;
});

function adopting(...files: readonly string[]): void {
  const say = (text: string) => said.push(text);
  const journal = { notice: say, warning: say } as unknown as Journal;
  const scheduling = {
    raisePriority: (nice: number, realtime: number | null) => {
      asked.push(realtime === null ? `nice ${nice}` : `realtime ${realtime}`);
      return permitted;
    },
    forbidSwapping: () => {
      asked.push('no swap');
      return permitted;
    },
  };
  const setup = systemSetup(journal, null, {}, scheduling);
  for (const lines of files) setup.adopt(pairModel(`global_defs {\n${lines}\n}\n`).global);
}

describe('the place among processes', () => {
  it.each<[readonly string[], readonly string[]]>([
    [[''], ['nice -10']],
    [['', ''], ['nice -10']],
    [
      ['vrrp_priority -5', 'vrrp_priority -7'],
      ['nice -5', 'nice -7'],
    ],
    [
      ['vrrp_rt_priority 50', ''],
      ['realtime 50', 'nice -10'],
    ],
    [
      ['', 'vrrp_no_swap', 'vrrp_no_swap'],
      ['nice -10', 'no swap'],
    ],
  ])('%j', (files, calls) => {
    adopting(...files);
    expect([asked, said]).toEqual([calls, []]);
  });

  it('what is not permitted is said', () => {
    permitted = false;
    adopting('vrrp_no_swap');
    expect(said).toEqual([
      'VRRP runs at ordinary priority: raising it is not permitted (CAP_SYS_NICE)',
      'vrrp_no_swap: not permitted (CAP_IPC_LOCK)',
    ]);
  });

  it('memory stays locked, and that is said', () => {
    adopting('vrrp_no_swap', '');
    expect(said).toEqual(['vrrp_no_swap is gone: memory stays locked until a restart']);
  });
});
