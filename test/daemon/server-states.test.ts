/** What becomes of servers, with time by hand; the words, beside haproxy: test/e2e/server-states.test.ts. */
import { describe, expect, it } from 'vitest';
import { matchesOf } from '../../src/daemon/succession.ts';
import { SERVER_MAXCONN, SERVER_THROTTLE, SERVER_WARMTH, STATE_MAINT, STATE_UP } from '../../src/proxy/shared-state.ts';
import { FakeAdminSide } from '../support/admin-side.ts';

const FRAME = `
defaults
 mode http
 timeout connect 1s
 timeout server 1s
`;

/** Warmth in sixteenths and throttle in percent that the threads see; null: none. */
function warmthOf(side: FakeAdminSide, server: number): readonly (number | null)[] {
  const row = side.state.server(server);
  const throttle = side.state.get(row + SERVER_THROTTLE);
  return [side.state.get(row + SERVER_WARMTH) || 16, throttle === 0 ? null : throttle - 1];
}

function maintained(lines: string, servers = ' server s 192.0.2.1:80 weight 10 slowstart 4s\n'): FakeAdminSide {
  const side = new FakeAdminSide(`${FRAME}backend b\n${lines}\n${servers}`);
  side.board.setAdmin(0, 'maint');
  side.board.setAdmin(0, 'ready');
  return side;
}

describe('slowstart', () => {
  it('gives a server its weight and maxconn in steps of a second', async () => {
    const side = maintained('');
    const steps = [warmthOf(side, 0)];
    for (let second = 0; second < 5; second++) {
      await side.time.advance(1000);
      steps.push(warmthOf(side, 0));
    }
    expect(steps).toEqual([
      [1, 0],
      [5, 25],
      [9, 50],
      [13, 75],
      [16, null],
      [16, null],
    ]);
    expect(side.said.at(-1)).toMatch(/^Server b\/s is UP\. 1 active and 0 backup servers online\./);
    // Nothing goes on for a server that is warm.
    expect(side.time.due.length).toBe(0);
  });

  it('is the same where a timer is early by a moment', async () => {
    const side = maintained('');
    // The timer is set for a second from a moment that the clock then takes back.
    side.time.suspend(-4);
    await side.time.advance(1004);
    expect(warmthOf(side, 0)).toEqual([5, 25]);
  });

  it('leaves the weight alone where the algorithm cannot change it, but not maxconn', async () => {
    for (const lines of [' balance static-rr', ' balance source', ' balance uri']) {
      const side = maintained(lines);
      await side.time.advance(2000);
      expect(warmthOf(side, 0), lines).toEqual([16, 50]);
    }
    const consistent = maintained(' balance source\n hash-type consistent');
    await consistent.time.advance(2000);
    expect(warmthOf(consistent, 0)).toEqual([9, 50]);
  });

  it('ends with maintenance, and begins anew after it', async () => {
    const side = maintained('');
    await side.time.advance(2000);
    side.board.setAdmin(0, 'maint');
    expect(side.stateOf(0)).toBe(STATE_MAINT);
    await side.time.advance(5000);
    side.board.setAdmin(0, 'ready');
    expect(warmthOf(side, 0)).toEqual([1, 0]);
    await side.time.advance(4000);
    expect(warmthOf(side, 0)).toEqual([16, null]);
  });

  it('goes on with another weight', async () => {
    const side = maintained('');
    await side.time.advance(1000);
    side.board.setWeight(0, 20);
    expect([side.weightOf(0), ...warmthOf(side, 0)]).toEqual([20, 5, 25]);
  });

  it('goes on in the next generation', async () => {
    const before = maintained('');
    const next = new FakeAdminSide(`${FRAME}backend b\n server s 192.0.2.1:80 weight 10 slowstart 4s\n`);
    for (const side of [before, next]) await side.time.advance(1000);
    next.board.follow(before.board, matchesOf(before.plan, next.plan));
    next.board.start();
    expect(warmthOf(next, 0)).toEqual([5, 25]);
    await next.time.advance(1000);
    expect(warmthOf(next, 0)).toEqual([9, 50]);
    await next.time.advance(2000);
    expect(warmthOf(next, 0)).toEqual([16, null]);
  });

  it('is not for a server that was never away', () => {
    const side = new FakeAdminSide(`${FRAME}backend b\n server s 192.0.2.1:80 slowstart 4s\n`);
    expect(warmthOf(side, 0)).toEqual([16, null]);
  });
});

describe('servers that follow others', () => {
  it('start in maintenance with them, without a word', () => {
    const side = new FakeAdminSide(`${FRAME}backend b
 server a 192.0.2.1:80 check disabled
 server t 192.0.2.2:80 track u
 server u 192.0.2.3:80 track a
`);
    expect([0, 1, 2].map((server) => side.stateOf(server))).toEqual([STATE_MAINT, STATE_MAINT, STATE_MAINT]);
    expect(side.said).toEqual([]);
    side.board.setAdmin(0, 'ready');
    expect([0, 1, 2].map((server) => side.stateOf(server))).toEqual([STATE_UP, STATE_UP, STATE_UP]);
    expect(side.said.map((line) => line.replace(/Server b\/(.) .*\((.*)\)\./, '$1 $2'))).toEqual([
      'a leaving forced maintenance',
      'u leaving maintenance',
      't leaving maintenance',
    ]);
  });
});

describe('an agent', () => {
  it('may say how many streams a server takes', () => {
    const side = new FakeAdminSide(`${FRAME}backend b\n server s 192.0.2.1:80 maxconn 9 agent-check agent-port 1\n`);
    expect(side.plan.proxies[0]?.servers[0]?.limitVaries).toBe(true);
    expect(side.state.get(side.state.server(0) + SERVER_MAXCONN)).toBe(0);
  });
});
