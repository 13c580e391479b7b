// Starts programs, each on its cores, and ends them: by pid, all of them, within seconds, also when we die first.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RAISE_LIMIT } from './descriptors.mjs';

/** nginx and haproxy live in sbin. */
export const ENVIRONMENT = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` };

const STOP_MS = 5000;

/** Whether the process runs a program by now, and no longer the shell that becomes it. */
function hasBecome(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'latin1').trim() === basename(name);
  } catch {
    return true;
  }
}

export class Programs {
  #running = new Set();

  /** `input: true` keeps the child's stdin open, for those who end with it. */
  start(command, { cores, environment = {}, input = false }) {
    const script = `${RAISE_LIMIT}; exec setpriv --pdeathsig TERM taskset -c "$0" "$@"`;
    const child = spawn('bash', ['-c', script, cores.join(','), ...command], {
      stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      env: { ...ENVIRONMENT, ...environment },
    });
    const program = { child, pid: child.pid, output: '', ended: false };
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        program.output = (program.output + chunk).slice(-8000);
      });
    }
    child.stdin?.on('error', () => undefined);
    child.once('error', (error) => {
      program.output += error.message;
      program.ended = true;
    });
    this.#running.add(program);
    program.exit = new Promise((resolve) => {
      child.once('close', (code) => {
        program.ended = true;
        this.#running.delete(program);
        resolve(code);
      });
    });
    return program;
  }

  /**
   * Runs a command to its end; what it printed. An error when it fails or is not done in time. `interruptAfterMs`: sends
   * SIGINT so long after the program itself has begun.
   */
  async run(command, { cores, timeoutMs, interruptAfterMs = 0 }) {
    const program = this.start(command, { cores });
    let timedOut = false;
    const deadline = setTimeout(() => {
      timedOut = true;
      program.child.kill('SIGKILL');
    }, timeoutMs);
    if (interruptAfterMs > 0) {
      // Until then it is a shell, which a SIGINT would end.
      while (!program.ended && !hasBecome(program.pid, command[0])) await sleep(10);
      await Promise.race([program.exit, sleep(interruptAfterMs)]);
      program.child.kill('SIGINT');
    }
    const code = await program.exit;
    clearTimeout(deadline);
    const how = timedOut ? `not done in ${timeoutMs} ms` : `exit status ${code ?? program.child.signalCode}`;
    if (code !== 0) throw new Error(`${command.join(' ')}: ${how}\n${program.output}`);
    return program.output;
  }

  /** Waits for `ready()`; an error with the program's last words when it ends or takes too long. */
  async until(program, ready, withinMs, what) {
    const begun = performance.now();
    while (!(await ready())) {
      if (program.ended) throw new Error(`${what}: ended\n${program.output}`);
      if (performance.now() - begun > withinMs)
        throw new Error(`${what}: not within ${withinMs} ms\n${program.output}`);
      await sleep(50);
    }
  }

  async stop(programs = [...this.#running]) {
    const alive = programs.filter((program) => !program.ended);
    for (const { child } of alive) child.kill('SIGTERM');
    const kill = setTimeout(() => {
      for (const { child } of alive) child.kill('SIGKILL');
    }, STOP_MS);
    await Promise.all(alive.map((program) => program.exit));
    clearTimeout(kill);
  }
}
