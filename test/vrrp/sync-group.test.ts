import { beforeEach, describe, expect, it } from 'vitest';
import type { VrrpSyncGroup } from '../../src/config/pair-model.ts';
import type { NotifyState, Phase } from '../../src/vrrp/election-types.ts';
import { type Member, SyncGroup } from '../../src/vrrp/sync-group.ts';

class FakeMember implements Member {
  phase: Phase = 'backup';
  faults: string[] = [];
  groupFault = false;
  wantsMaster = false;
  group: SyncGroup | null = null;

  setGroupFault(fault: boolean): void {
    if (fault === this.groupFault) return;
    this.groupFault = fault;
    this.#settle();
  }

  follow(phase: 'master' | 'backup'): void {
    if (this.phase !== 'fault') this.become(phase);
  }

  become(phase: Phase): void {
    const before = this.phase;
    this.phase = phase;
    if (before !== phase) this.group?.phaseChanged(this, before);
  }

  fail(...faults: string[]): void {
    this.faults = faults;
    this.#settle();
  }

  #settle(): void {
    const bad = this.faults.length > 0 || this.groupFault;
    if (bad) this.become('fault');
    else if (this.phase === 'fault') this.become('backup');
    this.group?.faultsChanged();
  }
}

let members: FakeMember[];
let group: SyncGroup;
let told: NotifyState[];

beforeEach(() => {
  told = [];
  members = [new FakeMember(), new FakeMember(), new FakeMember()];
  const model = { name: 'G1' } as VrrpSyncGroup;
  group = new SyncGroup(model, members, { info: () => {}, warning: () => {} }, (state) => told.push(state));
  for (const member of members) member.group = group;
});

const phases = () => members.map(({ phase }) => phase);

describe('a sync group', () => {
  it('is master together, and says so once', () => {
    members[1]?.become('master');
    expect(phases()).toEqual(['master', 'master', 'master']);
    expect(told).toEqual(['MASTER']);
  });

  it('takes over when the last of its members wants to', () => {
    const [first, second, third] = members as [FakeMember, FakeMember, FakeMember];
    expect(group.mayTakeOver(first)).toBe(false);
    second.wantsMaster = true;
    expect(group.mayTakeOver(first)).toBe(false);
    third.wantsMaster = true;
    expect([group.mayTakeOver(first), group.mayTakeOver(second)]).toEqual([true, false]);
    first.become('master');
    third.wantsMaster = false;
    expect(group.mayTakeOver(second)).toBe(true);
  });

  it('leaves together', () => {
    members[0]?.become('master');
    members[2]?.become('backup');
    expect(phases()).toEqual(['backup', 'backup', 'backup']);
    expect(told).toEqual(['MASTER', 'BACKUP']);
  });

  it('a fault of one is the fault of all, until it is over', () => {
    members[0]?.become('master');
    members[1]?.fail('link');
    expect(phases()).toEqual(['fault', 'fault', 'fault']);
    members[1]?.fail();
    expect(phases()).toEqual(['backup', 'backup', 'backup']);
    expect(told).toEqual(['MASTER', 'FAULT', 'BACKUP']);
  });

  it('two faults: the first that ends does not end it', () => {
    members[0]?.fail('a');
    members[1]?.fail('b');
    members[0]?.fail();
    expect(phases()).toEqual(['fault', 'fault', 'fault']);
    members[1]?.fail();
    expect(phases()).toEqual(['backup', 'backup', 'backup']);
  });
});
