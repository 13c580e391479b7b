/**
 * How many connections the process may hold, from what the machine has; decided here, said in one line at start.
 *
 *   configured                  that, or what the descriptors allow, or what memory allows to idle clients: the least
 *   not configured              the least of: what the descriptors allow, what memory allows to busy ones, 1,000,000
 *
 * Descriptors alone say nothing (in containers the limit is often 2^30), so memory always has a word in it. Clients get
 * half of it, or what two processes leave, where that is less; and buffers no more than that, whatever `maxconn` says: who
 * comes when they are used up waits (accept-gate.ts). Nothing is allocated from these numbers: they are bounds.
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
/** What both processes take without clients, and a thread with the most that its fast transfers may hold. */
const PROCESSES_BYTES = 96 * 1024 * 1024;
const THREAD_BYTES = 24 * 1024 * 1024;
const LEAST_FOR_CLIENTS_BYTES = 8 * 1024 * 1024;
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
  /** The most buffers that a thread may have in use. */
  readonly slabsPerThread: number;
  /** What the descriptor limit is to be; null: it is fine as it is. */
  readonly setDescriptors: number | null;
  readonly descriptors: number;
  readonly warning: string | null;
}

export function decideLimits(input: LimitInput): Limits {
  const reserved =
    RESERVED_DESCRIPTORS + input.listeners * DESCRIPTORS_PER_LISTENER + input.threads * DESCRIPTORS_PER_THREAD;
  const clientBytes = forClients(input);
  const slabsPerThread = Math.max(1, Math.floor(clientBytes / input.bufferSizeBytes / input.threads));
  if (input.maxconn !== null) return limitsFor(input.maxconn, input, reserved, slabsPerThread);
  const available = reachable(input);
  const byDescriptors = connectionsIn(available, reserved);
  const perConnection = 2 * input.bufferSizeBytes + OVERHEAD_BYTES;
  const byMemory = Math.max(1, Math.floor(clientBytes / perConnection));
  const maxconn = Math.min(byDescriptors, byMemory, MOST_CONNECTIONS);
  const from = maxconn === byDescriptors ? 'descriptors' : maxconn === byMemory ? 'memory' : 'bound';
  const setDescriptors = input.ulimitN;
  return { maxconn, maxconnFrom: from, slabsPerThread, setDescriptors, descriptors: available, warning: null };
}

function forClients({ memoryBytes, threads }: LimitInput): number {
  const left = memoryBytes - PROCESSES_BYTES - threads * THREAD_BYTES;
  return Math.max(LEAST_FOR_CLIENTS_BYTES, Math.min(memoryBytes * MEMORY_SHARE, left));
}

function limitsFor(maxconn: number, input: LimitInput, reserved: number, slabsPerThread: number): Limits {
  const needed = maxconn * DESCRIPTORS_PER_CONNECTION + reserved;
  const wanted = input.ulimitN ?? Math.max(needed, input.descriptors.soft);
  const most = input.root ? wanted : Math.min(wanted, input.descriptors.hard);
  const fits = connectionsIn(most, reserved);
  const idle = Math.floor(forClients(input) / OVERHEAD_BYTES);
  const warnings: string[] = [];
  if (fits < maxconn) {
    warnings.push(
      `maxconn ${maxconn} needs ${needed} file descriptors but the limit is ${most}: ` +
        `at most ${fits} connections are accepted. Raise 'ulimit -n' (LimitNOFILE= in a unit file).`,
    );
  }
  if (idle < Math.min(maxconn, fits)) {
    const memory = `${Math.floor(input.memoryBytes / MIB)} MB of memory`;
    warnings.push(`maxconn ${maxconn} does not fit into ${memory}: at most ${idle} connections are accepted.`);
  }
  return {
    maxconn: Math.min(maxconn, fits, idle),
    maxconnFrom: 'configured',
    slabsPerThread,
    setDescriptors: most === input.descriptors.soft ? null : most,
    descriptors: most,
    warning: warnings.length === 0 ? null : warnings.join(' '),
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
