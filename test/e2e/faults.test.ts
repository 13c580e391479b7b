/**
 * The data process is killed, stopped, or hangs, under load: who is refused, who waits, who loses something? And signals at
 * bad moments. How long it takes is measured elsewhere (`npm run bench:faults`).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Clients } from './faults/clients.ts';
import { eventually, Stand } from './faults/stand.ts';

const ENOUGH = 50;

let stand: Stand;
let clients: Clients;

beforeEach(() => {
  stand = new Stand();
});
afterEach(async () => {
  await clients?.stop(0);
  await stand.stop();
});

/** Clients of both kinds that ask from now on; returns when many of them have been answered. */
async function load(perSecond: number): Promise<void> {
  clients = new Clients(stand.port);
  clients.own(perSecond);
  clients.kept(4, 10);
  await moreAnswers();
}

async function moreAnswers(): Promise<void> {
  const enough = clients.answered + ENOUGH;
  await eventually('clients are answered', () => clients.answered >= enough);
}

/** Every client has an answer, or the end of its connection. */
async function finish(): Promise<void> {
  await clients.stop(30_000);
  expect(clients.waiting).toBe(0);
}

/** The process that died took its connections with it. Whoever came after that waited and was answered; nobody was refused. */
async function expectOnlyItsOwnLost(): Promise<void> {
  await stand.said(/data process \d+ died/);
  const diedMs = performance.now();
  await stand.said(/data process \d+ serves/);
  await moreAnswers();
  await finish();
  expect(clients.failures().filter(({ how, connectedMs }) => how === 'refused' || connectedMs > diedMs)).toEqual([]);
}

describe('kill -9 under load', () => {
  it('a spare process takes over, and there is a new spare', async () => {
    await stand.start({ global: ['tune.tandem.spare-process on'] });
    await eventually('there is a spare', () => stand.sparePid > 0);
    const [first, spare] = [stand.dataPid, stand.sparePid];
    await load(200);
    process.kill(first, 'SIGKILL');
    await expectOnlyItsOwnLost();
    expect(stand.dataPid).toBe(spare);
    await eventually('there is a new spare', () => stand.sparePid > 0 && stand.sparePid !== spare);
  });

  it('without a spare clients wait for a new process', async () => {
    await stand.start({ global: ['tune.tandem.spare-process off'] });
    await load(200);
    const first = stand.dataPid;
    process.kill(first, 'SIGKILL');
    await expectOnlyItsOwnLost();
    expect([stand.dataPid === first, stand.sparePid]).toEqual([false, 0]);
  });
});

it('SIGSTOP under load: it is continued, and nobody loses anything', async () => {
  await stand.start({});
  await load(200);
  const pid = stand.dataPid;
  for (let times = 1; times <= 3; times++) {
    process.kill(pid, 'SIGSTOP');
    await eventually('it says so', () => stand.timesSaid(`data process ${pid} was stopped by a signal`) === times);
    await moreAnswers();
  }
  await finish();
  expect(clients.failures()).toEqual([]);
  expect(stand.dataPid).toBe(pid);
});

it('a thread that spins: its process is replaced, and those who waited for it are served', async () => {
  await stand.start({ global: ['nbthread 2'], hook: 'spin.mjs' });
  await load(50);
  const pid = stand.dataPid;
  process.kill(pid, 'SIGWINCH');
  await stand.said(new RegExp(`data process ${pid} died \\(thread \\d hangs\\)`));
  await expectOnlyItsOwnLost();
});

describe('signals', () => {
  it.each(['SIGTERM', 'SIGUSR1'] as const)(
    '%s at any moment of the start: it ends, with all of its processes',
    async (signal) => {
      for (const afterMs of [0, 60, 150, 300]) {
        const one = new Stand();
        await one.launch({});
        await sleep(afterMs);
        // The very first one may come before there is a program to hear it.
        for (let i = 0; !one.over; i++) {
          one.child.kill(signal);
          await eventually(
            'it ends, or another second has passed',
            (
              (until) => () =>
                one.over || performance.now() > until
            )(performance.now() + 1000),
          );
          expect(i).toBeLessThan(30);
        }
        await one.closed();
        await one.stop();
      }
    },
  );

  it('a storm of HUP, and PIPE to all processes, disturb nobody', async () => {
    await stand.start({});
    await load(100);
    for (let i = 0; i < 100; i++) {
      process.kill(stand.pid, 'SIGHUP');
      for (const pid of [stand.pid, stand.dataPid]) process.kill(pid, 'SIGPIPE');
      await sleep(1);
    }
    await moreAnswers();
    await finish();
    expect(clients.failures()).toEqual([]);
    await stand.said('SIGHUP received, dumping servers states.');
  });
});
