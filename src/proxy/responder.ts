/**
 * Answers what control asks this thread (questions.ts), between two turns of the loop. All of it is read from what is there
 * anyway; a piece of an answer looks through the list of clients once.
 */
import { threadTimeUs } from '../sys/thread-time.ts';
import type { AcceptGate } from './accept-gate.ts';
import { descriptorsOf } from './descriptor-report.ts';
import type { HttpExchange } from './http-exchange.ts';
import { type Answer, PIECE_ENTRIES, type Question, type SessionReport, type SessionsAnswer } from './questions.ts';
import type { ThreadContext } from './runtime.ts';
import { reportOf } from './session-report.ts';
import { CAUSE_KILLED, DASH, PHASE_DATA, PHASE_HEADERS, STREAM_FORWARDING, type Stream } from './stream.ts';
import type { StreamEnd } from './stream-end.ts';

const BAD_GATEWAY = 502;
/** As many bits of the number of a request as names of sessions have. */
const REQUEST_MASK = 0xfff;

/** What only the loop knows. */
export interface LoopFigures {
  readonly loops: number;
  readonly wakes: number;
  readonly ready: number;
}

export interface ResponderSetup {
  readonly context: ThreadContext;
  readonly gate: AcceptGate;
  readonly exchange: HttpExchange;
  readonly end: StreamEnd;
  /** Heeds what has changed in the shared memory. */
  readonly look: () => void;
}

export class Responder {
  readonly #setup: ResponderSetup;

  constructor(setup: ResponderSetup) {
    this.#setup = setup;
  }

  answer(question: Question, loop: LoopFigures): Answer {
    switch (question.type) {
      case 'sessions':
        return this.#sessions(question.before, question.whole);
      case 'session': {
        const stream = this.#find(question.serial, question.request);
        const sessions = stream === null ? [] : [reportOf(this.#setup.context, stream, true)];
        return { type: 'sessions', sessions, next: 0 };
      }
      case 'end-session': {
        const stream = this.#find(question.serial, question.request);
        if (stream !== null) this.#end(stream);
        return { type: 'done', count: stream === null ? 0 : 1 };
      }
      case 'end-sessions':
        return { type: 'done', count: this.#endAllOf(question.server) };
      case 'look':
        this.#setup.look();
        return { type: 'done', count: 0 };
      case 'figures':
        return this.#figures(loop);
      case 'descriptors':
        return descriptorsOf(this.#setup.context, this.#setup.gate, question.before);
    }
  }

  #sessions(before: number, whole: boolean): SessionsAnswer {
    const { context, gate } = this.#setup;
    const sessions: SessionReport[] = [];
    for (let client = gate.first; client !== null; client = client.next) {
      const { stream, serial } = client;
      if (stream === null || (before !== 0 && serial >= before)) continue;
      // Whoever is behind the last one comes in the next piece.
      if (sessions.length === PIECE_ENTRIES) return { type: 'sessions', sessions, next: serial + 1 };
      sessions.push(reportOf(context, stream, whole));
    }
    return { type: 'sessions', sessions, next: 0 };
  }

  #find(serial: number, request: number): Stream | null {
    for (let client = this.#setup.gate.first; client !== null; client = client.next) {
      if (client.serial >>> 0 === serial && (client.requests & REQUEST_MASK) === request) return client.stream;
    }
    return null;
  }

  #endAllOf(server: number): number {
    let count = 0;
    this.#setup.gate.forEach(({ stream }) => {
      if (stream?.target?.plan.index !== server || stream.server === null) return;
      this.#end(stream);
      count++;
    });
    return count;
  }

  /** As HAProxy does: who waits for a response gets 502, an upload or a connection that does not stand yet just ends. */
  #end(stream: Stream): void {
    const { exchange } = this.#setup;
    const { client, responseStarted, requestDone, state, tunnel } = stream;
    const isHttp = client.listener.frontend.plan.http && !tunnel;
    const answers = isHttp && requestDone && state === STREAM_FORWARDING;
    if (!answers) exchange.abort(stream, CAUSE_KILLED, DASH);
    else if (responseStarted) exchange.abort(stream, CAUSE_KILLED, PHASE_DATA);
    else exchange.answer(stream, BAD_GATEWAY, CAUSE_KILLED, PHASE_HEADERS);
  }

  #figures(loop: LoopFigures): Answer {
    const { context, gate, end } = this.#setup;
    const { buffers, bulkBuffers } = context.slabs.figures;
    return {
      type: 'figures',
      figures: {
        ...loop,
        accepted: gate.accepted,
        clients: gate.count,
        waiting: gate.waiting,
        streams: end.active,
        timers: context.wheel.armed,
        cpuUs: threadTimeUs(),
        buffers,
        bulkBuffers,
        keptStreams: end.kept,
      },
    };
  }
}
