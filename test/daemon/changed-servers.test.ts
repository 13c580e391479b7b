/** What operators have made of servers, in the control process: where checks go then, and what a reload keeps of it. */
import { describe, expect, it } from 'vitest';
import { addressText } from '../../src/core/address.ts';
import type { ServerRecord } from '../../src/daemon/server-record.ts';
import { matchesOf } from '../../src/daemon/succession.ts';
import { STATE_MAINT, STATE_UP } from '../../src/proxy/shared-state.ts';
import { FakeAdminSide } from '../support/admin-side.ts';

const frame = (servers: string): string => `
defaults
 mode http
 timeout connect 1s
 timeout server 1s
backend b
${servers}
`;

function record(side: FakeAdminSide, name: string): ServerRecord {
  const found = side.board.servers.find(({ plan }) => plan.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

function addressOf(side: FakeAdminSide, name: string): string {
  return addressText(record(side, name).plan.address);
}

const HERE = ' server a 192.0.2.1:80 check inter 1s\n';
const THERE = { family: 4, ip: '192.0.2.99', port: 99 } as const;

describe('checks', () => {
  async function asked(servers: string, change: (side: FakeAdminSide) => void): Promise<string[]> {
    const seen: string[] = [];
    const side = new FakeAdminSide(frame(servers), ({ address }) => {
      seen.push(addressText(address));
      return { finding: Promise.resolve({ result: 'L4OK', status: 0, info: '' }), cancel: () => {} };
    });
    side.board.start();
    await side.time.advance(1500);
    change(side);
    const before = seen.length;
    await side.time.advance(3000);
    side.board.stop();
    return seen.slice(before);
  }

  it('go where a server has moved', async () => {
    const seen = await asked(HERE, (side) => void side.board.move(record(side, 'a'), THERE, false));
    expect(new Set(seen)).toEqual(new Set(['192.0.2.99:99']));
  });

  it('keep the address and the port of their own', async () => {
    const own = ' server a 192.0.2.1:80 check inter 1s addr 192.0.2.7 port 77\n';
    const seen = await asked(own, (side) => void side.board.move(record(side, 'a'), THERE, false));
    expect(new Set(seen)).toEqual(new Set(['192.0.2.7:77']));
  });

  it('go where an operator says', async () => {
    const seen = await asked(HERE, (side) => {
      record(side, 'a').checkAddress = { family: 4, ip: '192.0.2.8' };
      record(side, 'a').checkPort = 88;
    });
    expect(new Set(seen)).toEqual(new Set(['192.0.2.8:88']));
  });

  it('of a server that is gone are made no more', async () => {
    const seen = await asked(HERE, (side) => {
      side.board.setAdmin(0, 'maint');
      side.board.setAdmin(0, 'ready');
      side.board.setAdmin(0, 'maint');
      void side.board.remove(record(side, 'a'));
    });
    expect(seen).toEqual([]);
  });
});

describe('a reload', () => {
  function reload(servers: string, change: (before: FakeAdminSide) => void, next = servers): FakeAdminSide {
    const before = new FakeAdminSide(frame(servers));
    change(before);
    const after = new FakeAdminSide(frame(next));
    after.board.follow(before.board, matchesOf(before.plan, after.plan));
    return after;
  }

  it('keeps where a server was moved, and how many it takes, and tells the data process', () => {
    const after = reload(HERE, (side) => {
      void side.board.move(record(side, 'a'), THERE, false);
      void side.board.setMaxconn(record(side, 'a'), 7);
    });
    expect(addressOf(after, 'a')).toBe('192.0.2.99:99');
    expect(after.live.sinceThen.changes).toMatchObject([
      { kind: 'set', server: { name: 'a', address: THERE, maxconn: 7 } },
    ]);
  });

  it('goes by the file where that says something else', () => {
    const change = (side: FakeAdminSide): void => void side.board.move(record(side, 'a'), THERE, false);
    expect(addressOf(reload(HERE, change, ' server a 192.0.2.2:80 check inter 1s\n'), 'a')).toBe('192.0.2.2:80');
  });

  it('tells the data process nothing where nothing was changed', () => {
    expect(reload(HERE, () => {}).live.sinceThen.changes).toEqual([]);
  });

  it('forgets servers that were added, and brings back those that were deleted', () => {
    const after = reload(`${HERE} server z 192.0.2.3:80\n`, (side) => {
      const [backend] = side.plan.proxies;
      const { model } = record(side, 'z');
      if (backend !== undefined) void side.board.add(backend, { ...model, name: 'new', id: 9 }, 'awake');
      side.board.setAdmin(1, 'maint');
      void side.board.remove(record(side, 'z'));
    });
    expect(after.board.servers.map(({ plan }) => plan.name)).toEqual(['a', 'z']);
    expect(after.stateOf(1)).toBe(STATE_UP);
  });

  it('lets a server that was added begin as the file says, once it is there', () => {
    const added = ' server new 192.0.2.4:80\n';
    const after = reload(
      HERE,
      (side) => {
        const [backend] = side.plan.proxies;
        const { model } = record(side, 'a');
        if (backend !== undefined) void side.board.add(backend, { ...model, name: 'new', id: 9 }, 'asleep');
        expect(side.stateOf(1)).toBe(STATE_MAINT);
      },
      HERE + added,
    );
    expect(after.stateOf(1)).toBe(STATE_UP);
  });
});
