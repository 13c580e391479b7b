/**
 * The data process's main thread: gets its plan from control, starts the threads, gives up its privileges, and from then
 * on only carries messages. It serves no client itself.
 *
 *   plan ─▶ threads load ─▶ all loaded ─▶ drop privileges, confine ─▶ (spare: until `serve`) ─▶ gate opens ─▶ ready
 *
 * A thread that fails takes the process with it: control starts a new one on the same listening sockets. If control
 * itself is gone, what is under way is finished and nothing new is accepted.
 */
import { Worker } from 'node:worker_threads';
import { confineProcess, readLateFiles } from '../sys/confinement.ts';
import { dropPrivileges, forbidGains } from '../sys/privileges.ts';
import { callProcess } from '../sys/process-name.ts';
import { createWakeup, wake } from '../sys/wakeup.ts';
import type { FromData, ServerChanges, ToData } from './messages.ts';
import { allProxies, type Plan } from './plan.ts';
import type { Question } from './questions.ts';
import { GATE_CONFINE, GATE_OPEN } from './start-gate.ts';
import type { FromThread, ThreadData, ToThread } from './thread.ts';

const EXIT_FAILED = 1;

class DataProcess {
  readonly #workers: Worker[] = [];
  readonly #wakeups: number[] = [];
  readonly #gate = new SharedArrayBuffer(8);
  #loaded = 0;
  #engine = '';
  #ended = 0;
  #stopping = false;
  /** A spare: it serves when it is told to. */
  #held = false;

  start(plan: Plan, servers: ServerChanges, held: boolean): void {
    this.#held = held;
    if (!held) takeName();
    readLateFiles();
    // Threads inherit it, and only from the one that starts them.
    forbidGains();
    for (let i = 0; i < plan.threads; i++) this.#wakeups.push(createWakeup());
    for (let index = 0; index < plan.threads; index++) {
      const workerData: ThreadData = { plan, index, wakeupFds: this.#wakeups, gate: this.#gate, servers };
      // The compiled name: TypeScript does not rewrite it.
      const worker = new Worker(new URL('./thread.js', import.meta.url), { workerData, name: `tandem-${index}` });
      worker.on('message', (message: FromThread) => {
        if (message.type === 'answer') send(message);
        else {
          this.#engine = message.engine;
          if (message.warning !== '') warn(message.warning);
          this.#threadLoaded(plan);
        }
      });
      worker.on('error', (error: Error) => fail(`thread ${index}: ${error.stack ?? error.message}`));
      worker.on('exit', () => this.#threadEnded());
      this.#workers.push(worker);
    }
  }

  wakeAll(): void {
    for (const fd of this.#wakeups) wake(fd);
  }

  changeServers(servers: ServerChanges): void {
    this.#tell(servers);
  }

  lastAnswers(on: boolean): void {
    this.#tell(on ? 'last-answers' : 'more-answers');
  }

  /** It answers when its loop turns, which may be never. */
  ask(thread: number, id: number, question: Question): void {
    const fd = this.#wakeups[thread];
    if (fd === undefined) return;
    this.#workers[thread]?.postMessage({ id, question } satisfies ToThread);
    wake(fd);
  }

  stop(): void {
    // Nobody has come to a spare.
    if (this.#held) process.exit(0);
    if (this.#stopping) return;
    this.#stopping = true;
    this.#tell('stop');
  }

  /** A spare takes the place of one that died. */
  serve(): void {
    this.#held = false;
    takeName();
    if (this.#loaded === this.#workers.length) this.#openGate();
  }

  #tell(message: ToThread): void {
    for (const worker of this.#workers) worker.postMessage(message);
    this.wakeAll();
  }

  #threadLoaded(plan: Plan): void {
    this.#loaded++;
    if (this.#loaded < plan.threads) return;
    try {
      const refused = dropPrivileges(plan.privileges);
      if (refused !== '') warn(`${refused} The data process stays root, without capabilities.`);
      // Threads give up theirs: those of the process are what they had.
      this.#moveGate(GATE_CONFINE);
      const missing = confineProcess({ pid: process.pid, unixServers: hasUnixServers(plan) }, plan.seccomp);
      if (missing !== '') warn(missing);
    } catch (error) {
      fail((error as Error).message);
      return;
    }
    if (!this.#held) this.#openGate();
  }

  #moveGate(place: number): void {
    const gate = new Int32Array(this.#gate);
    Atomics.store(gate, 0, place);
    Atomics.notify(gate, 0);
  }

  #openGate(): void {
    this.#moveGate(GATE_OPEN);
    send({ type: 'ready', poller: this.#engine, threads: this.#workers.length });
  }

  #threadEnded(): void {
    this.#ended++;
    if (!this.#stopping) {
      fail('a thread ended by itself');
      return;
    }
    if (this.#ended < this.#workers.length) return;
    if (!process.connected) process.exit(0);
    process.send?.({ type: 'drained' } satisfies FromData, () => process.exit(0));
  }
}

function hasUnixServers(plan: Plan): boolean {
  return allProxies(plan).some(({ servers }) => servers.some(({ address }) => address.family === 'unix'));
}

function send(message: FromData): void {
  if (process.connected) process.send?.(message);
}

function warn(message: string): void {
  send({ type: 'log', level: 'warn', message });
}

function fail(message: string): void {
  if (!process.connected) process.exit(EXIT_FAILED);
  process.send?.({ type: 'failed', message } satisfies FromData, () => process.exit(EXIT_FAILED));
}

/** `killall -0 haproxy` asks whether the proxies live: this process is what it means, and nothing else is called that. */
function takeName(): void {
  callProcess('haproxy', ['tandem', 'data-process']);
}

callProcess('tandem-spare', []);

const data = new DataProcess();

process.on('message', (message: ToData) => {
  switch (message.type) {
    case 'plan':
      data.start(message.plan, message.servers, message.held);
      return;
    case 'servers':
      data.changeServers(message.servers);
      return;
    case 'serve':
      data.serve();
      return;
    case 'verdicts':
      data.wakeAll();
      return;
    case 'ask':
      data.ask(message.thread, message.id, message.question);
      return;
    case 'last-answers':
      data.lastAnswers(message.on);
      return;
    case 'stop-accepting':
      data.stop();
      return;
  }
});
process.on('disconnect', () => data.stop());
// Ctrl-C reaches the whole process group; what to do then is control's decision.
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
process.on('SIGUSR1', () => {});
process.on('SIGUSR2', () => {});
