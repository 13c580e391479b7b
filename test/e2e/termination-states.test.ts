/**
 * How streams end, row by row: what the log of a real haproxy says of each end (which timers, status, bytes, termination
 * state, counters, request) and what clients are told, is what Tandem says, on both of its engines.
 *
 * Here: the comparison. The rows are in test/e2e/termination/rows; where Tandem differs on purpose, they say why.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Blackhole } from '../support/blackhole.ts';
import { describeWithPeer, programPath } from '../support/peers.ts';
import { freePort } from '../support/ports.ts';
import { TANDEM_HAPROXY } from '../support/proxy-process.ts';
import type { Row } from './termination/row.ts';
import { ROWS } from './termination/rows.ts';
import { Stage, stateOf } from './termination/stage.ts';

/** A machine that was too slow for a row gets another chance, with that row alone. */
const PLAYS = 4;

type Name = 'haproxy' | 'epoll' | 'ring';

function compare(row: Row, i: number, ours: Stage, theirs: Stage): void {
  const expected = theirs.result(i);
  expect(expected.log.map(stateOf), 'haproxy').toEqual([row.state].flat());
  const { log = expected.log, told = expected.told } = row.deviation ?? {};
  expect(ours.result(i)).toEqual({ log: [log].flat(), told: [told].flat() });
}

describeWithPeer('haproxy', 'termination states', () => {
  const stages = new Map<Name, Stage>();
  let hole: Blackhole;

  beforeAll(async () => {
    hole = await Blackhole.open();
    const world = { hole: `127.0.0.1:${hole.port}`, serverPort: await freePort() };
    const play = async (name: Name, program: string, group: number, lines: string): Promise<void> => {
      const global = `nbthread 1\n  ${lines}`;
      stages.set(name, await Stage.open(ROWS, { program, global, group }, world));
    };
    await play('haproxy', programPath('haproxy'), 20, '');
    await play('epoll', TANDEM_HAPROXY, 30, 'tune.tandem.poller epoll');
    await play('ring', TANDEM_HAPROXY, 40, 'tune.tandem.poller auto');
  }, 300_000);

  afterAll(async () => {
    for (const stage of stages.values()) await stage.close();
    await hole.close();
  });

  describe.each(['epoll', 'ring'] as const)('%s', (engine) => {
    it.each(ROWS.map((row, i) => ({ row, i, state: String(row.state), title: row.title })))(
      '$state: $title',
      async ({ row, i }) => {
        const haproxy = stages.get('haproxy') as Stage;
        const ours = stages.get(engine) as Stage;
        for (let plays = 1; ; plays++) {
          try {
            compare(row, i, ours, haproxy);
            return;
          } catch (error) {
            if (plays === PLAYS) throw error;
            await haproxy.again(i);
            await ours.again(i);
          }
        }
      },
    );
  });
});
