/**
 * The one place that starts processes: the data process, this same program once more in the background, and commands of
 * others (whose lives commands.ts looks after).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { FromData, ToData } from '../proxy/messages.ts';
import { keepFromChildren } from '../sys/inherited-descriptors.ts';
import { readFromData } from './data-messages.ts';

/** In the data process: 0 to 2 as usual, 3 is Node's channel to us, inherited descriptors from here on. */
export const FIRST_INHERITED_FD = 4;

/** Children are compiled beside us; `new URL('./x.ts')` would not be rewritten by the compiler. */
const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const DATA_PROGRAM = new URL(`../proxy/data-process.${EXTENSION}`, import.meta.url);

export interface DataProcess {
  readonly pid: number;
  send(message: ToData): void;
  kill(signal: 'SIGTERM' | 'SIGKILL' | 'SIGCONT'): void;
}

export interface DataProcessEvents {
  message(message: FromData): void;
  /** `how`: for messages, `code 1` or `signal SIGSEGV`. */
  exit(how: string, code: number | null): void;
}

export type StartDataProcess = (inherited: readonly number[], events: DataProcessEvents) => DataProcess;

export function dataProcessStarter(environment: NodeJS.ProcessEnv, program: URL = DATA_PROGRAM): StartDataProcess {
  return (inherited, events) => {
    keepFromChildren();
    const child = spawn(process.execPath, [program.pathname], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', ...inherited],
      serialization: 'json',
      env: environment,
    });
    let gone = false;
    const leave = (how: string, code: number | null) => {
      if (gone) return;
      gone = true;
      events.exit(how, code);
    };
    child.on('message', (received) => {
      const message = readFromData(received);
      if (message !== null) events.message(message);
    });
    child.on('exit', (code, signal) => leave(signal === null ? `code ${code}` : `signal ${signal}`, code));
    child.on('error', (error) => leave(error.message, null));
    return {
      pid: child.pid ?? -1,
      send: (message) => {
        // A child that is just dying has no channel any more; its exit says the rest.
        if (child.connected) child.send(message, () => {});
      },
      kill: (signal) => {
        child.kill(signal);
      },
    };
  };
}

export type DetachedMessage = { readonly type: 'serving' } | { readonly type: 'failed' };

/** The descriptors of `keep` stay at their numbers; the channel takes the first that is free. */
function detachedStdio(keep: ReadonlySet<number>): ('inherit' | 'ignore' | 'ipc' | number)[] {
  const stdio: ('inherit' | 'ignore' | 'ipc' | number)[] = ['ignore', 'inherit', 'inherit'];
  for (let fd = 3; fd <= Math.max(0, ...keep); fd++) stdio.push(keep.has(fd) ? fd : 'ignore');
  stdio.push('ipc');
  return stdio;
}

/** Starts `program` in a session of its own; resolves when it serves (true) or has given up (false). */
export function startDetached(
  program: readonly string[],
  environment: NodeJS.ProcessEnv,
  keep: ReadonlySet<number>,
): Promise<boolean> {
  const child: ChildProcess = spawn(process.execPath, program, {
    stdio: detachedStdio(keep),
    detached: true,
    env: environment,
  });
  return new Promise((resolve) => {
    child.on('message', (message) => {
      resolve((message as DetachedMessage).type === 'serving');
      child.disconnect();
      child.unref();
    });
    child.on('exit', () => resolve(false));
    child.on('error', () => resolve(false));
  });
}

export interface ProcessOptions {
  readonly uid?: number;
  readonly gid?: number;
  readonly env: NodeJS.ProcessEnv;
}

/** A program of somebody else's, without a shell, in a process group of its own so that all of it can be ended. */
export function startProcess([program = '', ...args]: readonly string[], options: ProcessOptions) {
  return spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true, ...options });
}

/** One that goes on without us, and of which nothing is asked any more. A machine that has no such program: nothing happens. */
export function startAndForget([program = '', ...args]: readonly string[], env: NodeJS.ProcessEnv): void {
  const child = spawn(program, args, { stdio: 'ignore', detached: true, env });
  child.on('error', () => {});
  child.unref();
}
