/**
 * Answers of data threads, believed as little as anything else that comes from the data process: what does not have the form of
 * an answer is none; numbers are numbers, addresses are addresses, no text is longer than one, no piece longer than agreed.
 * Whether indices mean something is looked at by who knows the plan (sessions.ts).
 */
import { isIP } from 'node:net';
import {
  type Answer,
  type DescriptorReport,
  type EndReport,
  PIECE_ENTRIES,
  type PoolFigures,
  SESSION_PHASES,
  type SessionPhase,
  type SessionReport,
  type ThreadFigures,
} from '../proxy/questions.ts';

type Fields = Readonly<Record<string, unknown>>;

const IP_MAX_CHARACTERS = 45;
/** Of each client itself, its server, and one that it keeps; and the listeners. */
const DESCRIPTORS_MAX = 4 * PIECE_ENTRIES + 4096;

class NotAnAnswer extends Error {}

/** null: not an answer. */
export function readAnswer(received: unknown): Answer | null {
  try {
    return answerOf(fieldsOf(received));
  } catch (error) {
    if (error instanceof NotAnAnswer) return null;
    throw error;
  }
}

function answerOf(fields: Fields): Answer {
  switch (fields['type']) {
    case 'sessions':
      return {
        type: 'sessions',
        sessions: list(fields['sessions'], PIECE_ENTRIES).map(session),
        next: whole(fields['next']),
      };
    case 'done':
      return { type: 'done', count: natural(fields['count']) };
    case 'figures':
      return { type: 'figures', figures: threadFigures(fieldsOf(fields['figures'])) };
    case 'descriptors': {
      const descriptors = list(fields['descriptors'], DESCRIPTORS_MAX).map(descriptor);
      return { type: 'descriptors', descriptors, next: whole(fields['next']) };
    }
    default:
      throw new NotAnAnswer();
  }
}

function session(value: unknown): SessionReport {
  const f = fieldsOf(value);
  return {
    serial: natural(f['serial']),
    request: natural(f['request']),
    listener: natural(f['listener']),
    backend: whole(f['backend']),
    server: whole(f['server']),
    source: end(f['source']),
    destination: f['destination'] === null ? null : end(f['destination']),
    outgoing: f['outgoing'] === null ? null : end(f['outgoing']),
    clientFd: whole(f['clientFd']),
    serverFd: whole(f['serverFd']),
    acceptedWallMs: time(f['acceptedWallMs']),
    ageMs: time(f['ageMs']),
    phase: phase(f['phase']),
    tunnel: truth(f['tunnel']),
    requestDone: truth(f['requestDone']),
    responseStarted: truth(f['responseStarted']),
    responseDone: truth(f['responseDone']),
    method: natural(f['method']),
    status: natural(f['status']),
    bytesIn: natural(f['bytesIn']),
    bytesOut: natural(f['bytesOut']),
    requestHeld: natural(f['requestHeld']),
    responseHeld: natural(f['responseHeld']),
    clientMs: time(f['clientMs']),
    serverMs: time(f['serverMs']),
    retries: natural(f['retries']),
    clientEnded: truth(f['clientEnded']),
    serverEnded: truth(f['serverEnded']),
    serverUses: natural(f['serverUses']),
  };
}

function descriptor(value: unknown): DescriptorReport {
  const f = fieldsOf(value);
  return {
    fd: whole(f['fd']),
    kind: natural(f['kind']),
    owner: natural(f['owner']),
    reads: truth(f['reads']),
    writes: truth(f['writes']),
    ended: truth(f['ended']),
    shut: truth(f['shut']),
    local: end(f['local']),
    remotePort: port(f['remotePort']),
  };
}

function threadFigures(f: Fields): ThreadFigures {
  return {
    loops: natural(f['loops']),
    wakes: natural(f['wakes']),
    accepted: natural(f['accepted']),
    clients: natural(f['clients']),
    waiting: natural(f['waiting']),
    streams: natural(f['streams']),
    ready: natural(f['ready']),
    timers: natural(f['timers']),
    cpuUs: natural(f['cpuUs']),
    buffers: pool(fieldsOf(f['buffers'])),
    bulkBuffers: pool(fieldsOf(f['bulkBuffers'])),
    keptStreams: natural(f['keptStreams']),
  };
}

function pool(f: Fields): PoolFigures {
  return {
    sizeBytes: natural(f['sizeBytes']),
    allocated: natural(f['allocated']),
    used: natural(f['used']),
    failures: natural(f['failures']),
  };
}

function end(value: unknown): EndReport {
  const f = fieldsOf(value);
  const { family, ip } = { family: f['family'], ip: f['ip'] };
  if (family === 0) return { family, ip: '', port: 0 };
  if (family !== 4 && family !== 6) throw new NotAnAnswer();
  // A zone could hold anything.
  if (typeof ip !== 'string' || ip.length > IP_MAX_CHARACTERS || ip.includes('%') || isIP(ip) !== family) {
    throw new NotAnAnswer();
  }
  return { family, ip, port: port(f['port']) };
}

function fieldsOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null) throw new NotAnAnswer();
  return { ...value };
}

function list(value: unknown, most: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length > most) throw new NotAnAnswer();
  return value;
}

function whole(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new NotAnAnswer();
  return value;
}

function natural(value: unknown): number {
  const number = whole(value);
  if (number < 0) throw new NotAnAnswer();
  return number;
}

function port(value: unknown): number {
  const number = natural(value);
  if (number > 65_535) throw new NotAnAnswer();
  return number;
}

/** Milliseconds, with a fraction, that are less than what a date can be. */
function time(value: unknown): number {
  if (typeof value !== 'number' || !(Math.abs(value) <= 8.64e15)) throw new NotAnAnswer();
  return value;
}

function phase(value: unknown): SessionPhase {
  const known = SESSION_PHASES.find((one) => one === value);
  if (known === undefined) throw new NotAnAnswer();
  return known;
}

function truth(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new NotAnAnswer();
  return value;
}
