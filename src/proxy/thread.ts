/**
 * A data thread's entry (node:worker_threads): maps what is shared, makes its loop, reports, waits for the word to go, and
 * turns until it is told to stop and the last client has left. It never returns to Node's event loop while it serves.
 */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { systemClock } from '../core/clock.ts';
import { keepPermitted } from '../sys/capabilities.ts';
import { confineThread, readLateFiles } from '../sys/confinement.ts';
import { mapShared } from '../sys/memory.ts';
import { pinThread } from '../sys/scheduling.ts';
import { wake } from '../sys/wakeup.ts';
import type { ServerChanges } from './messages.ts';
import type { Plan } from './plan.ts';
import type { Answer, Question } from './questions.ts';
import { layoutOf, SharedState } from './shared-state.ts';
import { GATE_CONFINE, GATE_LOADING } from './start-gate.ts';
import { ThreadLoop } from './thread-loop.ts';

export interface ThreadData {
  readonly plan: Plan;
  readonly index: number;
  /** One eventfd a thread, in order. */
  readonly wakeupFds: readonly number[];
  /** See start-gate.ts. */
  readonly gate: SharedArrayBuffer;
  /** What has changed since the plan. */
  readonly servers: ServerChanges;
}

export type ToThread =
  | 'stop'
  | 'last-answers'
  | 'more-answers'
  | { readonly id: number; readonly question: Question }
  | ServerChanges;

export type FromThread =
  /** It can serve, with this engine; `warning`: something that control should tell, '': nothing. */
  | { readonly type: 'loaded'; readonly engine: string; readonly warning: string }
  | { readonly type: 'answer'; readonly id: number; readonly answer: Answer };

function main(): void {
  const { plan, index, wakeupFds, gate, servers } = workerData as ThreadData;
  const port = parentPort;
  const own = wakeupFds[index];
  if (port === null || own === undefined) throw new Error('started outside of the data process');
  const layout = layoutOf(plan);
  const shared = new SharedState(mapShared(plan.sharedStateFd, layout.sizeBytes).bytes.buffer, layout);
  const loop = new ThreadLoop({
    plan,
    index,
    shared,
    clock: systemClock,
    wakeupFd: own,
    wakeThread: (other) => wake(wakeupFds[other] as number),
  });
  readLateFiles();
  const kept = plan.privileges.bindsForeign === true ? 'CAP_NET_RAW' : null;
  if (kept !== null) keepPermitted();
  const warning = pin(plan, index);
  port.postMessage({ type: 'loaded', engine: loop.engine, warning } satisfies FromThread);
  const words = new Int32Array(gate);
  Atomics.wait(words, 0, GATE_LOADING);
  confineThread(plan.seccomp, kept);
  Atomics.wait(words, 0, GATE_CONFINE);
  loop.changeServers(servers);
  const later = changesBefore(port, loop);
  const read = (message: ToThread): void => {
    if (typeof message === 'object') {
      if ('changes' in message) loop.changeServers(message);
      else port.postMessage(answerTo(loop, message));
    } else if (message === 'stop') loop.stop(Atomics.add(words, 1, 1) === plan.threads - 1);
    else loop.lastAnswers(message === 'last-answers');
  };
  loop.run(() => {
    for (const message of later.splice(0)) read(message);
    for (let mail = receiveMessageOnPort(port); mail !== undefined; mail = receiveMessageOnPort(port)) {
      read(mail.message as ToThread);
    }
  });
  process.exit(0);
}

function answerTo(
  loop: ThreadLoop,
  { id, question }: { readonly id: number; readonly question: Question },
): FromThread {
  return { type: 'answer', id, answer: loop.answer(question) };
}

/** Changes of servers that came while it waited are older than its first client; returns the rest of the mail. */
function changesBefore(port: MessagePort, loop: ThreadLoop): ToThread[] {
  const later: ToThread[] = [];
  for (let mail = receiveMessageOnPort(port); mail !== undefined; mail = receiveMessageOnPort(port)) {
    const message = mail.message as ToThread;
    if (typeof message === 'object' && 'changes' in message) loop.changeServers(message);
    else later.push(message);
  }
  return later;
}

/** As `cpu-map` says; what is wrong with it, or ''. */
function pin({ cpus }: Plan, index: number): string {
  const own = cpus[index] ?? null;
  if (own === null || pinThread(own)) return '';
  return `cpu-map: thread ${index + 1} cannot run on CPU ${own.join(', ')}, so it is not pinned`;
}

main();
