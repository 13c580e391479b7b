/**
 * A client: it connects, asks what its manners say, and checks every byte that it gets.
 *
 *   begin ─▶ ask (one, or a pipeline) ─▶ answers ─▶ think ─▶ ask …      ─▶ over
 *
 * Not here: what requests look like (request-writer.ts), reading messages (message-reader.ts).
 */
import type { Actor } from './calendar.ts';
import { CALM, POLITE, WILD } from './manners.ts';
import { MessageReader } from './message-reader.ts';
import { isBody } from './pattern.ts';
import { RequestWriter } from './request-writer.ts';
import {
  BAD_BODY,
  BAD_HEAD,
  CLOSES,
  CROSSED,
  CUT_WHOLE,
  DIRECT,
  EXPECTS,
  GET,
  HEAD,
  OLD,
  responseBody,
  SENT,
  tunnelDown,
  tunnelUp,
  UPGRADES,
} from './requests.ts';
import type { Entrance, Stage } from './stage.ts';
import { violated } from './violation.ts';
import type { FarEnd, Wire } from './wire.ts';

const ASKS = 0;
const LOSES_PATIENCE = 1;
const READS = 2;
const LEAVES = 3;
const SENDS_BODY = 4;

const PIPELINE_MAX = 8;
const EXPECTED_MAX = 16;

/** What the proxy may say on its own account. */
const OWN_STATUSES = new Set([400, 405, 408, 413, 414, 417, 431, 500, 501, 502, 503, 504, 505]);
/** And to somebody who has asked nothing. */
const UNASKED_STATUSES = new Set([400, 408]);

export class Client extends MessageReader implements FarEnd, Actor {
  life = 0;
  over = true;
  readonly #stage: Stage;
  readonly #writer: RequestWriter;
  #wire: Wire | null = null;
  #entrance: Entrance | null = null;
  readonly #expected = new Int32Array(EXPECTED_MAX);
  #first = 0;
  #count = 0;
  /** Requests that it still wants to ask. */
  #left = 0;
  /** The answer that is being read: 0 for an interim one. */
  #status = 0;
  #tunnel = false;
  #unasked = false;
  /** Nothing more can come of the connection: an answer said so. */
  #saidClose = false;
  #finished = false;
  /** The request whose body is held back; -1: none. */
  #heldBack = -1;
  #lastEventMs = 0;

  constructor(stage: Stage) {
    super();
    this.#stage = stage;
    this.#writer = new RequestWriter(stage);
  }

  /** Starts as somebody else. */
  begin(wire: Wire, entrance: Entrance, requests: number): void {
    const { random, manners, calendar, counts } = this.#stage;
    this.life++;
    this.over = false;
    this.resetReader();
    this.#wire = wire;
    this.#entrance = entrance;
    this.#first = 0;
    this.#count = 0;
    this.#left = requests;
    this.#status = 0;
    this.#tunnel = false;
    this.#unasked = false;
    this.#saidClose = false;
    this.#finished = false;
    this.#heldBack = -1;
    this.#lastEventMs = calendar.nowMs;
    counts.clients++;
    if (random.below(1000) < manners.slowReaders) {
      wire.window = random.below(300);
      this.#later(READS, 1 + random.below(10));
    }
    if (manners.patienceMs > 0) this.#later(LOSES_PATIENCE, manners.patienceMs);
    if (random.below(1000) < manners.silent) this.#later(LEAVES, 1 + random.below(3000));
    else this.#think();
  }

  happen(what: number): void {
    const { manners, calendar, random } = this.#stage;
    const wire = this.#wire as Wire;
    switch (what) {
      case ASKS:
        this.#ask();
        break;
      case LOSES_PATIENCE: {
        const left = this.#lastEventMs + manners.patienceMs - calendar.nowMs;
        if (left > 0) this.#later(LOSES_PATIENCE, left);
        else this.#leave();
        break;
      }
      case READS:
        wire.openWindow(1 + random.size(20_000));
        this.#later(READS, 1 + random.below(10));
        break;
      case LEAVES:
        this.#leave();
        break;
      case SENDS_BODY:
        this.#sendHeldBack();
        break;
    }
  }

  stood(): void {}

  goAway(): void {
    if (!this.over) this.#leave();
  }

  received(bytes: Buffer, start: number, end: number): void {
    if (this.over) return;
    this.#lastEventMs = this.#stage.calendar.nowMs;
    this.feed(bytes, start, end);
  }

  ended(reset: boolean): void {
    if (this.over) return;
    const { manners, random, dying, counts } = this.#stage;
    const wire = this.#wire as Wire;
    if (this.#stage.tracing) this.#trace(reset ? 'is reset' : 'sees the end');
    this.#checkEnd(reset);
    if (!dying && manners.mood === CALM) {
      if (reset && !this.#saidClose) violated('a client that does nothing wrong is reset');
      if (this.#count > 0 && !this.#saidClose && !this.#unasked) violated('a client is left without its answer');
      if (this.#left > 0 && !this.#saidClose && this.#count === 0 && !this.#tunnel) {
        violated('a connection is ended that was to go on');
      }
    }
    if (!dying && manners.mood === POLITE && !reset && this.#count > 0 && !this.#saidClose) {
      const id = this.#expected[this.#first] as number;
      if (this.#mustSucceed(id)) violated(`request ${id} is left without an answer`);
    }
    if (this.isWithin && this.#count > 0) counts.truncated++;
    else counts.unanswered += this.#count;
    if (!reset && !wire.closed && random.below(1000) < manners.lazy) {
      this.ignoreRest();
      this.#left = 0;
      this.#later(LEAVES, 1 + random.below(3000));
      this.#count = 0;
      return;
    }
    wire.vanish();
    this.#finish();
  }

  #checkEnd(reset: boolean): void {
    if (!this.lastsUntilEnd || this.#count === 0) return;
    const { requests, counts, dying, manners } = this.#stage;
    const id = this.#expected[this.#first] as number;
    const whole = requests.responseBytes[id] as number;
    if (this.bodyBytes === whole) {
      counts.answered++;
      this.#count = 0;
      return;
    }
    if (dying || reset || this.poisoned || requests.is(id, CUT_WHOLE)) return;
    // A TCP proxy's deadlines end in FIN, whatever it is that they cut off.
    if ((this.#tunnel || requests.is(id, DIRECT)) && manners.mood !== CALM) return;
    violated(`the answer to ${id} ends after ${this.bodyBytes} of ${whole} bytes and looks whole`);
  }

  // Asking.

  #think(): void {
    const { random, manners } = this.#stage;
    if (random.below(1000) < manners.thinking) this.#later(ASKS, 1 + random.below(manners.longestThoughtMs));
    else this.#ask();
  }

  #ask(): void {
    const { random, manners, requests } = this.#stage;
    const writer = this.#writer;
    const entrance = this.#entrance as Entrance;
    const wire = this.#wire as Wire;
    const most = Math.min(this.#left, PIPELINE_MAX);
    const batch = random.below(1000) < manners.pipelining ? 1 + random.below(most) : 1;
    const leaves = random.below(1000) < manners.leaves;
    writer.begin(entrance);
    let asked = 0;
    let upgrades = false;
    while (asked < batch) {
      const id = writer.write(this.#left === 1, batch === 1 && !leaves);
      this.#expected[(this.#first + this.#count) % EXPECTED_MAX] = id;
      this.#count++;
      this.#left--;
      asked++;
      if (!requests.is(id, CLOSES | UPGRADES | BAD_HEAD | BAD_BODY)) continue;
      this.#left = 0;
      upgrades = requests.is(id, UPGRADES);
      break;
    }
    const length = leaves ? random.below(writer.length + 1) : writer.length;
    wire.say(writer.bytes, 0, length, length);
    writer.noteSent(length);
    if (this.#stage.tracing) this.#trace(`asks ${asked} in ${length} bytes`);
    if (writer.heldBack >= 0) {
      this.#heldBack = writer.heldBack;
      // Some do not wait for ever (RFC 9110 10.1.1).
      if (random.below(2) === 0 || manners.mood === CALM) this.#later(SENDS_BODY, 1 + random.below(200));
      return;
    }
    if (leaves) this.#breakOff();
    else if (this.#left === 0 && !upgrades && !entrance.abortsOnClose && random.below(1000) < manners.halfCloses)
      this.#halfClose();
  }

  #sendHeldBack(): void {
    const id = this.#heldBack;
    if (id < 0) return;
    const wire = this.#wire as Wire;
    this.#heldBack = -1;
    this.#writer.begin(this.#entrance as Entrance);
    this.#writer.writeBody(id);
    wire.say(this.#writer.bytes, 0, this.#writer.length, this.#writer.length);
    this.#stage.requests.note(id, SENT);
  }

  #halfClose(): void {
    this.#finished = true;
    (this.#wire as Wire).finish();
  }

  /** In the middle of what it said. */
  #breakOff(): void {
    const { random, counts } = this.#stage;
    const wire = this.#wire as Wire;
    switch (random.below(3)) {
      case 0:
        counts.abandoned += this.#count;
        wire.reset();
        this.#finish();
        return;
      case 1:
        counts.abandoned += this.#count;
        wire.vanish();
        this.#finish();
        return;
      default:
        this.#left = 0;
        this.#halfClose();
    }
  }

  #leave(): void {
    const wire = this.#wire as Wire;
    this.#stage.counts.abandoned += this.#count;
    if (this.#stage.random.below(2) === 0) wire.reset();
    else wire.vanish();
    this.#finish();
  }

  #finish(): void {
    this.ignoreRest();
    this.over = true;
    this.life++;
    this.#wire = null;
    this.#stage.left(this);
  }

  // Answers.

  protected onHead(): void {
    const { requests, counts } = this.#stage;
    const status = statusAt(this.head);
    this.#status = status;
    if (this.#count === 0) {
      this.#unaskedHead(status);
      return;
    }
    const id = this.#expected[this.#first] as number;
    // Who is sent again may meet it on another connection, before the server there has seen anything.
    if (this.poisoned && !requests.is(id, CROSSED) && requests.seen[id] !== 0 && requests.failed[id] === 0)
      violated(`what nobody asked for has come as the answer to ${id}`);
    if (status >= 100 && status < 200) {
      this.#interimHead(id, status);
      return;
    }
    const own = this.id < 0 && !this.poisoned;
    if (own) this.#ownHead(id, status);
    else if (!this.poisoned) {
      if (this.id !== id) violated(`the answer to ${this.id} has come for ${id}`);
      if (requests.seen[id] === 0) violated(`an answer to ${id}, which no server has seen`);
    }
    if (requests.is(id, BAD_HEAD) && !own) violated(`a server has answered ${id}, which is no request`);
    if (requests.method[id] === HEAD || status === 204 || status === 304) this.hasLength(0);
    else if (this.chunked) {
      if (requests.is(id, OLD) && !requests.is(id, DIRECT)) violated(`chunks for ${id}, an HTTP/1.0 client`);
      this.isChunked();
    } else if (this.contentLength >= 0) {
      if (!own && !this.poisoned && this.contentLength !== requests.responseBytes[id]) violated(`the length of ${id}`);
      this.hasLength(this.contentLength);
    } else this.isRest();
    if (this.closeToken || this.lastsUntilEnd) this.#saidClose = true;
    if (own) counts.statuses[status] = (counts.statuses[status] as number) + 1;
  }

  #unaskedHead(status: number): void {
    if (this.id >= 0 || this.poisoned) violated(`an answer (${this.id}) for a client that waits for none`);
    if (!UNASKED_STATUSES.has(status)) violated(`status ${status} for a client that has asked nothing`);
    if (this.#stage.manners.mood === CALM) violated(`status ${status} for a client in good time`);
    this.#unasked = true;
    this.ignoreRest();
  }

  #interimHead(id: number, status: number): void {
    const { requests, counts } = this.#stage;
    counts.interim++;
    if (requests.is(id, OLD) && !requests.is(id, DIRECT)) violated(`an interim answer for ${id}, an HTTP/1.0 client`);
    if (status === 101) {
      if (!requests.is(id, UPGRADES)) violated(`a tunnel for ${id}, which asked for none`);
      this.#beginTunnel(id);
      return;
    }
    this.hasLength(0);
    if (status === 100 && this.#heldBack === id) this.#later(SENDS_BODY, 0);
  }

  #ownHead(id: number, status: number): void {
    const { requests, manners, dying } = this.#stage;
    if (requests.is(id, DIRECT)) violated(`a TCP proxy answers ${id} itself`);
    if (!OWN_STATUSES.has(status)) violated(`status ${status} for ${id}`);
    if (dying) return;
    if (manners.mood === CALM) violated(`status ${status} for ${id}, where nothing goes wrong`);
    if (manners.mood === POLITE && this.#mustSucceed(id))
      violated(`status ${status} for ${id}, which could be sent again`);
  }

  /** Servers that end connections between answers are no reason not to answer this. */
  #mustSucceed(id: number): boolean {
    const { requests } = this.#stage;
    const method = requests.method[id];
    return (method === GET || method === HEAD) && !requests.is(id, DIRECT | UPGRADES);
  }

  #beginTunnel(id: number): void {
    const { random, requests, counts, writer } = this.#stage;
    const wire = this.#wire as Wire;
    counts.tunnels++;
    this.#tunnel = true;
    this.#left = 0;
    this.isRest();
    this.bodyBytes = 0;
    writer.begin();
    writer.body(tunnelUp(id), 0, requests.requestBytes[id] as number);
    wire.say(writer.bytes, 0, writer.length, writer.length);
    if (!this.#finished && (random.below(2) === 0 || this.#stage.manners.mood !== WILD)) this.#halfClose();
  }

  protected onBody(bytes: Buffer, start: number, end: number): void {
    if (this.#count === 0 || this.poisoned || (this.id < 0 && !this.#tunnel)) return;
    const id = this.#expected[this.#first] as number;
    const body = this.#tunnel ? tunnelDown(id) : responseBody(id);
    if (!isBody(body, this.bodyBytes, bytes, start, end)) {
      violated(`bytes ${this.bodyBytes} to ${this.bodyBytes + end - start} of the answer to ${id} are wrong`);
    }
    if (this.bodyBytes + end - start > (this.#stage.requests.responseBytes[id] as number)) {
      violated(`the answer to ${id} is too long`);
    }
  }

  protected onComplete(): void {
    const { requests, counts } = this.#stage;
    if (this.#status < 200) return;
    const id = this.#expected[this.#first] as number;
    if (this.id < 0) counts.refused++;
    else {
      counts.answered++;
      const bodyless = requests.method[id] === HEAD || this.#status === 204 || this.#status === 304;
      if (!this.poisoned && !bodyless && this.bodyBytes !== requests.responseBytes[id]) violated(`the length of ${id}`);
    }
    this.#first = (this.#first + 1) % EXPECTED_MAX;
    this.#count--;
    const minor = (this.head[7] as number) - 0x30;
    const old = requests.is(id, OLD);
    const closes = this.closeToken || ((minor === 0 || old) && !this.keepAliveToken) || requests.is(id, CLOSES);
    if (closes) this.#saidClose = true;
    this.#next(id, closes);
  }

  #next(id: number, closes: boolean): void {
    const { random, manners, requests } = this.#stage;
    const wire = this.#wire as Wire;
    if (this.#heldBack === id && requests.is(id, EXPECTS)) {
      // The answer came first: the body is not wanted any more.
      this.#heldBack = -1;
      this.#left = 0;
      wire.vanish();
      this.#finish();
      return;
    }
    if (this.#count > 0) return;
    if (closes || this.#finished) {
      this.#left = 0;
      if (random.below(2) === 0) return;
      wire.vanish();
      this.#finish();
      return;
    }
    if (this.#left > 0) {
      this.#think();
      return;
    }
    if (random.below(1000) < manners.staysIdle) {
      this.#later(LEAVES, 1 + random.below(3000));
      return;
    }
    if (random.below(4) === 0 && manners.mood === CALM) this.#halfClose();
    else this.#leave();
  }

  #later(what: number, afterMs: number): void {
    const { calendar } = this.#stage;
    calendar.enter(calendar.nowMs + afterMs, this, what, 0);
  }

  #trace(what: string): void {
    const ids = Array.from({ length: this.#count }, (_, i) => this.#expected[(this.#first + i) % EXPECTED_MAX]);
    this.#stage.trace(`client on ${this.#wire?.fd}: ${what}; waits for ${ids.join(' ')}`);
  }
}

function statusAt(head: Uint8Array): number {
  return ((head[9] as number) - 48) * 100 + ((head[10] as number) - 48) * 10 + ((head[11] as number) - 48);
}
