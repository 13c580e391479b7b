/** Who looks once has figures of now, and waits for nobody for long. */
import { beforeEach, expect, it } from 'vitest';
import { FiguresReader } from '../../src/l4/figures-reader.ts';
import { FakeCommands } from '../support/fake-commands.ts';
import { FakeTime } from '../support/fake-time.ts';

let time: FakeTime;
let commands: FakeCommands;
let reader: FiguresReader;
beforeEach(() => {
  time = new FakeTime();
  commands = new FakeCommands();
  reader = new FiguresReader({ commands, clock: time, timers: time }, () => {});
  const requests = { kind: 'set', declaration: '', keeps: 'counters', elements: new Map() } as const;
  const sets = new Map([['requests', requests]]);
  reader.tables = { nat: null, direct: { name: 'netdev tandem', comment: '', sets, chains: new Map() } };
});

/** How long it took. */
async function look(): Promise<{ readonly tookMs: number | null }> {
  const beganMs = time.monotonicMs();
  const told: { tookMs: number | null } = { tookMs: null };
  void reader.look().then(() => {
    told.tookMs = time.monotonicMs() - beganMs;
  });
  await time.advance(0);
  return told;
}

const lists = (): number => commands.streams.filter(({ argv }) => argv[1] === 'list').length;

async function answer(packets: number): Promise<void> {
  const last = commands.streams.at(-1);
  last?.events.line(`elements = { 1 counter packets ${packets} bytes 9 comment "web/s1" }`);
  last?.events.exit('exit status 0');
  await time.advance(0);
}

it('reads them, and the next one within some seconds has them at once', async () => {
  const first = await look();
  expect([first.tookMs, lists()]).toEqual([null, 1]);
  await time.advance(100);
  await answer(5);
  expect(first.tookMs).toBe(100);
  expect(reader.figures.get('web/s1')?.requestPackets).toBe(5);
  await time.advance(1000);
  expect((await look()).tookMs).toBe(0);
});

it('reads them again after an hour', async () => {
  await look();
  await answer(5);
  await time.advance(3_600_000);
  // What was read for as long as somebody may have wanted it has ended.
  const before = lists();
  const late = await look();
  expect([late.tookMs, lists()]).toEqual([null, before + 1]);
  await answer(7);
  expect([late.tookMs, reader.figures.get('web/s1')?.requestPackets]).toEqual([0, 7]);
});

it('has what it had, where they cannot be read', async () => {
  await look();
  await answer(5);
  await time.advance(5000);
  const late = await look();
  commands.streams.at(-1)?.events.exit('exit status 1');
  await time.advance(0);
  expect([late.tookMs, reader.figures.get('web/s1')?.requestPackets]).toEqual([0, 5]);
});

it('waits a moment for a kernel that does not answer: socat is gone half a second after its question', async () => {
  const one = await look();
  await time.advance(299);
  expect(one.tookMs).toBe(null);
  await time.advance(1);
  expect(one.tookMs).toBe(300);
});

it('waits for no read that begins later, as the last one took long', async () => {
  await look();
  await time.advance(800);
  await answer(5);
  await time.advance(4000);
  expect([(await look()).tookMs, reader.figures.get('web/s1')?.requestPackets]).toEqual([0, 5]);
});

it('ends with the reader', async () => {
  const one = await look();
  reader.stop();
  await time.advance(0);
  expect(one.tookMs).toBe(0);
  expect((await look()).tookMs).toBe(0);
});

it('reads again after a minute when a read hung', async () => {
  await look();
  await time.advance(10_000);
  expect(commands.streams.at(-1)?.killed).toBe(true);
  const before = lists();
  reader.ask();
  await time.advance(60_000);
  expect(lists()).toBe(before + 1);
});

it('asks the kernel again for tracked connections after nobody could say', async () => {
  reader.tables = { nat: { name: 'inet tandem', comment: '', sets: new Map(), chains: new Map() }, direct: null };
  const asked = (): string[] => commands.streams.map(({ argv }) => argv[0] ?? '');
  await look();
  for (const expected of ['cat', 'conntrack']) {
    expect(asked().at(-1)).toBe(expected);
    commands.streams.at(-1)?.events.exit('exit status 1');
    await time.advance(0);
  }
  await time.advance(5000);
  await look();
  expect(asked()).toEqual(['cat', 'conntrack', 'cat']);
});
