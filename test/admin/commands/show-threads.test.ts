/** Threads that answer and one that hangs, on the stats socket. */
import { expect, it } from 'vitest';
import type { AdminContext, Command, Session } from '../../../src/admin/command.ts';
import { SHOW_SESS } from '../../../src/admin/commands/sessions.ts';
import { SHOW_FD } from '../../../src/admin/commands/show-fd.ts';
import { SHOW_ACTIVITY, SHOW_POOLS, SHOW_THREADS } from '../../../src/admin/commands/show-threads.ts';
import { Inquiries } from '../../../src/daemon/inquiries.ts';
import { Questions } from '../../../src/daemon/questions.ts';
import type { Answer, Question } from '../../../src/proxy/questions.ts';
import { FakeAdminSide } from '../../support/admin-side.ts';

const pool = { sizeBytes: 16_384, allocated: 1024, used: 3, failures: 1 };
const figures = {
  loops: 50,
  wakes: 5,
  ready: 0,
  accepted: 7,
  clients: 4,
  waiting: 1,
  streams: 2,
  timers: 3,
  cpuUs: 1500,
  buffers: pool,
  bulkBuffers: { ...pool, sizeBytes: 65_536, allocated: 0, used: 0, failures: 0 },
  keptStreams: 1,
};

function answerTo({ type }: Question): Answer {
  if (type === 'figures') return { type, figures };
  if (type === 'sessions') return { type, sessions: [], next: 0 };
  return { type: 'descriptors', descriptors: [], next: 0 };
}

/** The second of two threads hangs. */
async function run(command: Command, ...args: string[]): Promise<string> {
  const side = new FakeAdminSide('listen web\n bind :80\n mode tcp\n');
  const questions = new Questions({
    timers: side.time,
    send: ({ id, thread, question }) => {
      if (thread === 0) queueMicrotask(() => questions.answered(id, answerTo(question)));
      else setImmediate(() => void side.time.advance(2000));
      return true;
    },
  });
  const generation = { plan: side.plan, questions, supervisor: { pid: 4711 } };
  const inquiries = new Inquiries(() => [generation]);
  const context = { ...side, questions: inquiries, clock: side.time } as unknown as AdminContext;
  const session: Session = {
    level: 'admin',
    interactive: false,
    timeoutMs: 1000,
    over: false,
    expert: false,
    experimental: false,
  };
  let text = '';
  for await (const piece of await command.run(context, args, session)) text += piece;
  return text;
}

it('show threads tells who turns and who is stuck', async () => {
  expect(await run(SHOW_THREADS)).toBe(
    '  Thread 1 : pid=4711 act=0 wq=1 rq=0 rqsz=0\n' +
      '      1/1    stuck=0\n' +
      '             cpu_ns: now=1500000\n' +
      '             clients=4 waiting=1 streams=2 timers=3 loops=50 wakes=5\n' +
      '  Thread 2 : pid=4711\n' +
      '      1/2    stuck=1: it does not answer\n',
  );
});

it('show activity adds up those that answer', async () => {
  expect(await run(SHOW_ACTIVITY)).toMatch(
    /^thread_id: 1 \(1\.\.2\)\ndate_now: 17000000\d\d\.\d{6}\nloops: 50 \[ 50 - \]\nwake_signal: 5 \[ 5 - \]\npool_fail: 1 \[ 1 - \]\n/,
  );
});

it('show pools has their buffers', async () => {
  expect(await run(SHOW_POOLS)).toBe(
    'Dumping pools usage.\n' +
      '  - Pool buffer (16384 bytes) : 1024 allocated (16777216 bytes), 3 used, 1 failures, 1 users\n' +
      '  - Pool bulk_buffer (65536 bytes) : 0 allocated (0 bytes), 0 used, 0 failures, 1 users\n' +
      'Total: 2 pools, 16777216 bytes allocated, 49152 used.\n',
  );
});

it.each([SHOW_SESS, SHOW_FD])('$usage says who is missing', async (command) => {
  expect(await run(command)).toBe('# thread 2 of process 4711 does not answer\n');
});
