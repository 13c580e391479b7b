/**
 * A proxy under test: haproxy or Tandem, started with `-db -f FILE` on a configuration written for the occasion, and
 * ended by pid. What it writes is kept for the message of a failed test.
 *
 * Not here: where ports come from (freePort in test/support/ports.ts).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connects } from './ports.ts';

const root = join(import.meta.dirname, '..', '..');
/** Of what a program says, so much is kept. */
const OUTPUT_BYTES = 1024 * 1024;
/** Half a minute: a busy machine starts programs slowly. */
const READY_TRIES = 600;

/**
 * The program under test, which takes haproxy's command line. `npm test` builds it first.
 * TANDEM_E2E_PROGRAM=/usr/sbin/haproxy shows what a test says about haproxy.
 */
export const TANDEM_HAPROXY = process.env['TANDEM_E2E_PROGRAM'] ?? join(root, 'dist', 'cli', 'tandem-haproxy.js');

/** A process and all below it, by /proc. */
export function processTree(rootPid: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'latin1');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
    } catch {
      // Gone between the listing and the reading.
    }
  }
  const found = [rootPid];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
}

export class ProxyProcess {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #folder: string;
  #output = '';

  private constructor(child: ChildProcess, pid: number, folder: string) {
    this.#child = child;
    this.pid = pid;
    this.#folder = folder;
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString()).slice(-OUTPUT_BYTES);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
  }

  /** Starts `program -db -f FILE`; returns when `port` on 127.0.0.1 takes connections (0: when it is started). */
  static async start(program: string, config: string, port: number): Promise<ProxyProcess> {
    return ProxyProcess.startAs([program], config, async () => port === 0 || (await connects(port)));
  }

  /** The same behind a prefix such as `ip netns exec NAME`; `ready` says when it has started. */
  static async startAs(
    command: readonly string[],
    config: string,
    ready: () => Promise<boolean>,
  ): Promise<ProxyProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-e2e-'));
    const file = join(folder, 'haproxy.cfg');
    writeFileSync(file, config);
    const [program = '', ...rest] = command;
    const child = spawn(program, [...rest, '-db', '-f', file], { stdio: ['ignore', 'pipe', 'pipe'] });
    if (child.pid === undefined) throw new Error(`${program} did not start`);
    const proxy = new ProxyProcess(child, child.pid, folder);
    for (let tries = 0; !(await ready()); tries++) {
      if (child.exitCode !== null || child.signalCode !== null || tries > READY_TRIES) {
        await proxy.stop();
        throw new Error(`${command.join(' ')} is not ready:\n${proxy.output}`);
      }
      await sleep(50);
    }
    return proxy;
  }

  get output(): string {
    return this.#output;
  }

  /** Pids of the process and its children, the data process among them. */
  pids(): number[] {
    return processTree(this.pid);
  }

  /** Asks it to end when its last stream has ended (USR1); after `limitMs` it is ended like by `stop`. */
  async stopSoftly(limitMs: number): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, 'exit');
      this.#child.kill('SIGUSR1');
      await Promise.race([gone, sleep(limitMs, undefined, { ref: false })]);
    }
    await this.stop();
  }

  /** Another configuration in its file; nobody has been told of it. */
  rewrite(config: string): void {
    writeFileSync(join(this.#folder, 'haproxy.cfg'), config);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, 'exit');
      const below = this.pids();
      this.#child.kill('SIGTERM');
      const late = await Promise.race([gone.then(() => false), sleep(5000, true, { ref: false })]);
      if (late) for (const pid of below) process.kill(pid, 'SIGKILL');
      await gone;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
