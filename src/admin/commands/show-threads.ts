/**
 * `show threads`, `show activity`, `show pools`: the data threads in HAProxy's shape, with what these have. A thread that does
 * not answer is stuck.
 */
import type { ThreadView } from '../../daemon/inquiries.ts';
import type { Command } from '../command.ts';

type Figures = NonNullable<ThreadView['figures']>;

export const SHOW_THREADS: Command = {
  words: ['show', 'threads'],
  usage: 'show threads',
  about: 'show some threads debugging information',
  level: 'operator',
  run: async ({ questions }) => (await questions.threads()).map(threadText).join(''),
};

function threadText({ thread, pid, figures }: ThreadView): string {
  const number = thread + 1;
  if (figures === null) {
    return `  Thread ${number} : pid=${pid}\n      1/${number}    stuck=1: it does not answer\n`;
  }
  const { timers, ready, cpuUs, clients, streams, waiting, loops, wakes } = figures;
  const queues = `wq=${timers > 0 ? 1 : 0} rq=${ready > 0 ? 1 : 0} rqsz=${ready}`;
  return (
    `  Thread ${number} : pid=${pid} act=${ready > 0 ? 1 : 0} ${queues}\n` +
    `      1/${number}    stuck=0\n` +
    `             cpu_ns: now=${cpuUs}000\n` +
    `             clients=${clients} waiting=${waiting} streams=${streams} timers=${timers} loops=${loops} wakes=${wakes}\n`
  );
}

/** HAProxy's names where the same is counted, then ours. */
const ACTIVITY: readonly (readonly [string, (figures: Figures) => number])[] = [
  ['loops', ({ loops }) => loops],
  ['wake_signal', ({ wakes }) => wakes],
  ['pool_fail', ({ buffers, bulkBuffers }) => buffers.failures + bulkBuffers.failures],
  ['accepted', ({ accepted }) => accepted],
  ['clients', ({ clients }) => clients],
  ['waiting', ({ waiting }) => waiting],
  ['streams', ({ streams }) => streams],
  ['timers', ({ timers }) => timers],
  ['cpu_ms_tot', ({ cpuUs }) => Math.floor(cpuUs / 1000)],
];

export const SHOW_ACTIVITY: Command = {
  words: ['show', 'activity'],
  usage: 'show activity',
  about: 'show per-thread activity stats (for support/developers)',
  level: 'operator',
  run: async ({ questions, clock }) => {
    const threads = (await questions.threads()).filter(({ isCurrent }) => isCurrent);
    const now = clock.wallMs();
    const date = `${Math.floor(now / 1000)}.${String(Math.floor(now % 1000)).padStart(3, '0')}000`;
    const lines = ACTIVITY.map(([name, of]) => `${name}: ${perThread(threads, of)}\n`);
    return `thread_id: 1 (1..${threads.length})\ndate_now: ${date}\n${lines.join('')}`;
  },
};

/** The sum, and what each of several has to do with it; `-`: it does not answer. */
function perThread(threads: readonly ThreadView[], of: (figures: Figures) => number): string {
  const values = threads.map(({ figures }) => (figures === null ? null : of(figures)));
  const total = values.reduce((sum: number, value) => sum + (value ?? 0), 0);
  return values.length === 1 ? String(total) : `${total} [ ${values.map((value) => value ?? '-').join(' ')} ]`;
}

export const SHOW_POOLS: Command = {
  words: ['show', 'pools'],
  usage: 'show pools',
  about: 'report information about the memory pools usage',
  level: 'operator',
  run: async ({ questions }) => {
    const known = (await questions.threads()).flatMap(({ figures }) => (figures === null ? [] : [figures]));
    const pools = [
      poolOf('buffer', known, ({ buffers }) => buffers),
      poolOf('bulk_buffer', known, ({ bulkBuffers }) => bulkBuffers),
    ];
    const bytes = (count: (pool: Pool) => number): number =>
      pools.reduce((sum, pool) => sum + count(pool) * pool.sizeBytes, 0);
    const total = `${bytes(({ allocated }) => allocated)} bytes allocated, ${bytes(({ used }) => used)} used`;
    return `Dumping pools usage.\n${pools.map(poolText).join('')}Total: ${pools.length} pools, ${total}.\n`;
  },
};

interface Pool {
  readonly name: string;
  readonly users: number;
  readonly sizeBytes: number;
  readonly allocated: number;
  readonly used: number;
  readonly failures: number;
}

function poolOf(name: string, threads: readonly Figures[], of: (figures: Figures) => Figures['buffers']): Pool {
  const pools = threads.map(of);
  const sum = (what: 'allocated' | 'used' | 'failures'): number => pools.reduce((all, pool) => all + pool[what], 0);
  const sizeBytes = pools[0]?.sizeBytes ?? 0;
  return {
    name,
    users: pools.length,
    sizeBytes,
    allocated: sum('allocated'),
    used: sum('used'),
    failures: sum('failures'),
  };
}

function poolText({ name, users, sizeBytes, allocated, used, failures }: Pool): string {
  const bytes = allocated * sizeBytes;
  return `  - Pool ${name} (${sizeBytes} bytes) : ${allocated} allocated (${bytes} bytes), ${used} used, ${failures} failures, ${users} users\n`;
}
