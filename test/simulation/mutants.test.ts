/**
 * The simulation can fail: each of these defects, planted in the data path, is found within a few seeds. Each is what one
 * forgotten line would make.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { TimerWheel } from '../../src/core/timer-wheel.ts';
import { AcceptGate } from '../../src/proxy/accept-gate.ts';
import { BodyCut } from '../../src/proxy/body.ts';
import { Dispatcher } from '../../src/proxy/dispatcher.ts';
import { HttpClients } from '../../src/proxy/http-clients.ts';
import { ServerPool } from '../../src/proxy/server-pool.ts';
import { SharedState } from '../../src/proxy/shared-state.ts';
import { TicketBoard } from '../../src/proxy/ticket-board.ts';
import { REQUESTS_PER_SEED, runCampaign } from './campaign.ts';
import { Engine } from './engine.ts';

/** Seeds within which each has to be found. */
const SEEDS = 60;
const TIMEOUT_MS = 300_000;

let undo: () => void = () => undefined;

/** True once in `n` times. */
function everyNth(n: number): () => boolean {
  let count = 0;
  return () => ++count % n === 0;
}

interface Mutant {
  readonly what: string;
  /** What is said when it is found. */
  readonly found: RegExp;
  /** Plants it, and returns what takes it out again. */
  plant(): () => void;
}

const MUTANTS: readonly Mutant[] = [
  {
    what: 'a pool that does not mind what servers say unasked',
    found: /nobody asked for/,
    plant() {
      const { onData } = ServerPool.prototype;
      ServerPool.prototype.onData = () => undefined;
      return () => {
        ServerPool.prototype.onData = onData;
      };
    },
  },
  {
    what: 'a deadline that outlives its connection',
    found: /deadline of a closed connection/,
    plant() {
      const { remove } = TimerWheel.prototype;
      const forgets = everyNth(50);
      TimerWheel.prototype.remove = function (timed) {
        if (!forgets()) remove.call(this, timed);
      };
      return () => {
        TimerWheel.prototype.remove = remove;
      };
    },
  },
  {
    what: 'a response that goes to another client',
    found: /has come for|waits for none|status \d+ for|are wrong|the length of|which no server has seen|left without/,
    plant() {
      const { send } = Engine.prototype;
      const strays = everyNth(300);
      Engine.prototype.send = function (socket, slab, start, end, more) {
        const others = this.wires.flatMap((wire) =>
          wire.socket !== null && 'listener' in wire.socket ? [wire.socket] : [],
        );
        const other = others.find((one) => one !== socket && one.pending === null && !one.shut && !one.shutWhenDrained);
        const strayed = 'listener' in socket && other !== undefined && strays();
        return send.call(this, strayed ? other : socket, slab, start, end, more);
      };
      return () => {
        Engine.prototype.send = send;
      };
    },
  },
  {
    what: 'a byte of a body that is lost',
    found: /wrong|looks whole|wait for ever|chunk|left without|too long/,
    plant() {
      const { cut } = BodyCut.prototype;
      const loses = everyNth(400);
      BodyCut.prototype.cut = function (kind, left, chunks, bytes, at, end) {
        cut.call(this, kind, left, chunks, bytes, at, end);
        if (this.written > at && loses()) this.written--;
      };
      return () => {
        BodyCut.prototype.cut = cut;
      };
    },
  },
  {
    what: 'a slot that is not given back',
    found: /sessions of a server/,
    plant() {
      const { free } = Dispatcher.prototype;
      const forgets = everyNth(100);
      Dispatcher.prototype.free = function (stream) {
        return forgets() ? null : free.call(this, stream);
      };
      return () => {
        Dispatcher.prototype.free = free;
      };
    },
  },
  {
    what: 'a POST that is sent again',
    found: /POST \d+ twice/,
    plant() {
      const { assign } = Dispatcher.prototype;
      Dispatcher.prototype.assign = function (stream, preferred) {
        stream.idempotent = true;
        assign.call(this, stream, preferred);
      };
      return () => {
        Dispatcher.prototype.assign = assign;
      };
    },
  },
  {
    what: 'a thread that is not woken for a free place',
    found: /is free, and|wait for ever/,
    plant() {
      const { wake } = TicketBoard.prototype;
      TicketBoard.prototype.wake = () => undefined;
      return () => {
        TicketBoard.prototype.wake = wake;
      };
    },
  },
  {
    what: 'a buffer that is not given back',
    found: /slabs are lent/,
    plant() {
      const { dropStash } = HttpClients.prototype;
      HttpClients.prototype.dropStash = (client) => {
        client.stash = null;
      };
      return () => {
        HttpClients.prototype.dropStash = dropStash;
      };
    },
  },
  {
    what: 'one more than the limit allows',
    found: /where \d+ are allowed|its maxconn is/,
    plant() {
      const { addBelow } = SharedState.prototype;
      SharedState.prototype.addBelow = function (word, limit) {
        return addBelow.call(this, word, limit + 1);
      };
      return () => {
        SharedState.prototype.addBelow = addBelow;
      };
    },
  },
  {
    what: 'an answer that is cut off and looks whole',
    found: /looks whole/,
    plant() {
      const { close } = AcceptGate.prototype;
      AcceptGate.prototype.close = function (client) {
        close.call(this, client, false);
      };
      return () => {
        AcceptGate.prototype.close = close;
      };
    },
  },
];

describe('a planted defect is found', () => {
  afterEach(() => undo());

  it.each(MUTANTS)(
    '$what',
    ({ plant, found }) => {
      undo = plant();
      const { failure } = runCampaign({ seed: 1, requests: SEEDS * REQUESTS_PER_SEED });
      expect(failure?.error.message).toMatch(found);
    },
    TIMEOUT_MS,
  );
});
