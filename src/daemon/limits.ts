/**
 * How many connections the process may hold, from what the machine has; decided here, said in one line at start.
 *
 *   configured                  that, or what the descriptors allow, whichever is less
 *   not configured              the least of: what the descriptors allow, what half of the memory allows, 1,000,000
 *
 * Descriptors alone say nothing (in containers the limit is often 2^30), so memory always has a word in it. Nothing is
 * allocated from these numbers: they are bounds.
 */
import { totalmem } from 'node:os';

/** One for the client, one for the server. */
const DESCRIPTORS_PER_CONNECTION = 2;
/** Node's own, the shared memory, logs, checks. */
const RESERVED_DESCRIPTORS = 100;
const DESCRIPTORS_PER_THREAD = 8;
/** Its own, and that of a client who was accepted and has to wait because of `maxconn`. */
const DESCRIPTORS_PER_LISTENER = 2;
/** Beyond its two buffers: the objects, and what the kernel keeps for two sockets. */
const OVERHEAD_BYTES = 8192;
const MEMORY_SHARE = 0.5;
const MOST_CONNECTIONS = 1_000_000;
const MIB = 1024 * 1024;
/** A spare data process takes 40 MB: where there is less than this, they are needed for clients. */
const SPARE_FROM_BYTES = 1024 * MIB;

export interface LimitInput {
  readonly maxconn: number | null;
  readonly ulimitN: number | null;
  /** The soft limit now, and the most that it can become. */
  readonly descriptors: { readonly soft: number; readonly hard: number };
  /** May the hard limit be raised? */
  readonly root: boolean;
  readonly memoryBytes: number;
  readonly bufferSizeBytes: number;
  readonly threads: number;
  /** Sockets that listen. */
  readonly listeners: number;
}

export interface Limits {
  readonly maxconn: number;
  readonly maxconnFrom: 'configured' | 'descriptors' | 'memory' | 'bound';
  /** What the descriptor limit is to be; null: it is fine as it is. */
  readonly setDescriptors: number | null;
  readonly descriptors: number;
  readonly warning: string | null;
}

export function decideLimits(input: LimitInput): Limits {
  const reserved =
    RESERVED_DESCRIPTORS + input.listeners * DESCRIPTORS_PER_LISTENER + input.threads * DESCRIPTORS_PER_THREAD;
  if (input.maxconn !== null) return limitsFor(input.maxconn, input, reserved);
  const available = reachable(input);
  const byDescriptors = connectionsIn(available, reserved);
  const perConnection = 2 * input.bufferSizeBytes + OVERHEAD_BYTES;
  const byMemory = Math.max(1, Math.floor((input.memoryBytes * MEMORY_SHARE) / perConnection));
  const maxconn = Math.min(byDescriptors, byMemory, MOST_CONNECTIONS);
  const from = maxconn === byDescriptors ? 'descriptors' : maxconn === byMemory ? 'memory' : 'bound';
  return { maxconn, maxconnFrom: from, setDescriptors: input.ulimitN, descriptors: available, warning: null };
}

function limitsFor(maxconn: number, input: LimitInput, reserved: number): Limits {
  const needed = maxconn * DESCRIPTORS_PER_CONNECTION + reserved;
  const wanted = input.ulimitN ?? Math.max(needed, input.descriptors.soft);
  const most = input.root ? wanted : Math.min(wanted, input.descriptors.hard);
  const fits = connectionsIn(most, reserved);
  return {
    maxconn: Math.min(maxconn, fits),
    maxconnFrom: 'configured',
    setDescriptors: most === input.descriptors.soft ? null : most,
    descriptors: most,
    warning:
      fits >= maxconn
        ? null
        : `maxconn ${maxconn} needs ${needed} file descriptors but the limit is ${most}: ` +
          `at most ${fits} connections are accepted. Raise 'ulimit -n' (LimitNOFILE= in a unit file).`,
  };
}

function reachable({ ulimitN, descriptors, root }: LimitInput): number {
  if (ulimitN === null) return descriptors.soft;
  return root ? ulimitN : Math.min(ulimitN, descriptors.hard);
}

function connectionsIn(descriptors: number, reserved: number): number {
  return Math.max(1, Math.floor((descriptors - reserved) / DESCRIPTORS_PER_CONNECTION));
}

/** Of the container if it has a limit, else of the machine; `limitMib` (-m) bounds it further. */
export function usableMemoryBytes(limitMib: number | null): number {
  const machine = totalmem();
  const container = process.constrainedMemory();
  // 0: no limit known; an absurd number: "no limit" in cgroup's words.
  const bytes = container > 0 && container < machine ? container : machine;
  return limitMib === null ? bytes : Math.min(bytes, limitMib * MIB);
}

/** Whether a second data process waits to replace one that dies. */
export function hasRoomForSpare(configured: 'auto' | 'on' | 'off', memoryBytes: number): boolean {
  return configured === 'auto' ? memoryBytes >= SPARE_FROM_BYTES : configured === 'on';
}

export function describeLimits(
  limits: Limits,
  memoryBytes: number,
  ready: { readonly threads: number; readonly poller: string },
): string {
  const { maxconn, maxconnFrom, descriptors } = limits;
  const from = maxconnFrom === 'configured' ? 'configured' : `from ${maxconnFrom}`;
  const threads = `${ready.threads} ${ready.threads === 1 ? 'thread' : 'threads'}`;
  const memory = `${Math.floor(memoryBytes / MIB)} MB of memory`;
  return `limits: maxconn ${maxconn} (${from}), ${descriptors} descriptors, ${memory}, ${threads}, ${ready.poller}`;
}
