/** One connection to a server, from the server's side. */
import { RETRY_EMPTY, RETRY_JUNK, RETRY_TIMEOUT } from '../../src/proxy/plan.ts';
import type { Actor } from './calendar.ts';
import { CALM } from './manners.ts';
import { hexAt, MessageReader } from './message-reader.ts';
import type { Origin } from './origin.ts';
import { isBody } from './pattern.ts';
import {
  ARRIVED,
  BAD_BODY,
  BAD_HEAD,
  CHUNKED,
  CLOSES,
  CROSSED,
  CUT_WHOLE,
  DIRECT,
  HEAD,
  POST,
  requestBody,
  SENT,
  tunnelDown,
  tunnelUp,
  UPGRADES,
} from './requests.ts';
import { ResponseWriter } from './response-writer.ts';
import type { Stage } from './stage.ts';
import { violated } from './violation.ts';
import { type FarEnd, NOT_POISONED, POISONED, type Wire } from './wire.ts';

const ANSWERS = 0;
const TELLS_TO_GO_ON = 1;
const ENDS_IDLE = 2;
const FINISHES = 3;

/** Every bit of RETRY_*. */
const ANYTHING = -1;

const SPACE = 0x20;
const SLASH = 0x2f;
/** First letters of methods, by their numbers; PUT and POST share one. */
const LETTERS = Buffer.from('GHPPD', 'latin1');
const WAITING_MAX = 16;

export class OriginConnection extends MessageReader implements FarEnd, Actor {
  life = 0;
  over = true;
  readonly #stage: Stage;
  readonly #spare: OriginConnection[];
  readonly #writer: ResponseWriter;
  #origin: Origin | null = null;
  #wire: Wire | null = null;
  #stood = false;
  /** The request that is being read. */
  #reading = -1;
  /** Requests that wait for their answer: more than one only through a TCP proxy. */
  readonly #waiting = new Int32Array(WAITING_MAX);
  #first = 0;
  #count = 0;
  #answering = false;
  #requestCloses = false;
  #requestKeepsAlive = false;
  #tunnel = false;
  #answered = 0;
  /** The proxy will say no more. */
  #ended = false;

  constructor(stage: Stage, spare: OriginConnection[]) {
    super();
    this.#stage = stage;
    this.#spare = spare;
    this.#writer = new ResponseWriter(stage);
  }

  begin(origin: Origin, wire: Wire): void {
    this.life++;
    this.over = false;
    this.resetReader();
    this.#origin = origin;
    this.#wire = wire;
    wire.far = this;
    this.#stood = false;
    this.#reading = -1;
    this.#first = 0;
    this.#count = 0;
    this.#answering = false;
    this.#tunnel = false;
    this.#answered = 0;
    this.#ended = false;
  }

  stood(): void {
    this.#stood = true;
    this.#stage.counts.connects++;
    const origin = this.#origin as Origin;
    if (!origin.http) origin.enter();
  }

  goAway(): void {
    if (this.over) return;
    if (this.#reading >= 0) this.#stage.requests.fail(this.#reading, RETRY_EMPTY);
    (this.#wire as Wire).reset();
    this.#finish();
  }

  received(bytes: Buffer, start: number, end: number): void {
    if (!this.over) this.feed(bytes, start, end);
  }

  ended(reset: boolean): void {
    if (this.over) return;
    if (!this.#stood) {
      this.#finish();
      return;
    }
    const { manners, dying, tracing, requests } = this.#stage;
    const origin = this.#origin as Origin;
    if (tracing) this.#trace(reset ? 'is reset' : 'sees the end');
    if (!dying && manners.mood === CALM) {
      if (origin.http && this.#count > 0 && !this.#tunnel) violated('the proxy leaves before its answer has come');
      if (origin.http && this.isWithin && !this.#tunnel) violated('the proxy leaves a request half sent');
      if (this.#tunnel && this.bodyBytes < (requests.requestBytes[this.#reading] as number)) {
        violated(`the tunnel of ${this.#reading} ends early`);
      }
    }
    const wire = this.#wire as Wire;
    if (!origin.http) {
      this.#ended = true;
      if (!reset && !wire.closed && this.#count > 0) return;
    }
    wire.vanish();
    this.#finish();
  }

  happen(what: number, argument: number): void {
    const wire = this.#wire as Wire;
    switch (what) {
      case ANSWERS:
        this.#answer();
        break;
      case TELLS_TO_GO_ON:
        if (this.#reading !== argument || !this.#isReadingBody) return;
        this.#writer.goOn();
        this.#say();
        break;
      case ENDS_IDLE:
        if (this.#answered === argument && this.#count === 0 && !this.isWithin) this.#endIdle();
        break;
      case FINISHES:
        wire.vanish();
        this.#finish();
        break;
    }
  }

  get #isReadingBody(): boolean {
    return this.#reading >= 0 && this.isWithin;
  }

  // Requests.

  protected onHead(): void {
    const { requests, random, manners } = this.#stage;
    const origin = this.#origin as Origin;
    const id = this.#identify();
    this.#reading = id;
    this.#requestCloses = this.closeToken || requests.is(id, CLOSES);
    this.#requestKeepsAlive = this.keepAliveToken;
    this.#checkHead(id, origin);
    requests.seen[id] = (requests.seen[id] as number) + 1;
    if ((requests.seen[id] as number) > 1) {
      this.#stage.counts.repeated++;
      if (requests.method[id] === POST) this.#checkResent(id, origin);
    }
    if (this.#stage.tracing) this.#trace(`gets the head of ${id}, beside ${origin.active}`);
    if (origin.http) origin.enter();
    this.#push(id);
    if (this.chunked) this.isChunked();
    else this.hasLength(Math.max(0, this.contentLength));
    if (origin.http && (requests.is(id, CROSSED) || random.below(1000) < manners.resets)) {
      this.#breakOff();
      return;
    }
    if (requests.is(id, UPGRADES) && this.upgradeToken && this.#count === 1 && random.below(4) > 0) {
      this.#switch(id);
      return;
    }
    if (this.expects) this.#later(TELLS_TO_GO_ON, random.below(20), id);
    const hasBody = this.chunked || this.contentLength > 0;
    if (hasBody && origin.http && random.below(1000) < manners.earlyAnswers) this.#answerLater();
  }

  /** What is not idempotent is sent again only where `retry-on` says so, and no more often than `retries` says. */
  #checkResent(id: number, { rules }: Origin): void {
    const { requests, counts } = this.#stage;
    // Nobody tells a server that its time is over.
    const failed = (requests.failed[id] as number) | RETRY_TIMEOUT;
    if ((failed & rules.retryOn) === 0) violated(`a server gets POST ${id} twice`);
    if ((requests.seen[id] as number) > rules.retries + 1) violated(`servers get POST ${id} too often`);
    counts.resent++;
  }

  /** The number in `METHOD /xxxxxxxx HTTP/1.1`. */
  #identify(): number {
    const { requests } = this.#stage;
    const { head } = this;
    const space = head.indexOf(SPACE);
    const id = head[space + 1] === SLASH && head[space + 10] === SPACE ? hexAt(head, space + 2) : -1;
    if (id < 0 || id >= requests.count)
      violated(`no request: ${head.toString('latin1', 0, Math.min(this.headLength, 80))}`);
    if (head[0] !== LETTERS[requests.method[id] as number]) violated(`the method of ${id} has changed`);
    return id;
  }

  #checkHead(id: number, origin: Origin): void {
    const { requests, manners } = this.#stage;
    const facts = requests.facts[id] as number;
    const wire = this.#wire as Wire;
    if ((facts & BAD_HEAD) !== 0) violated(`a server gets ${id}, which is no request`);
    const chunked = (facts & CHUNKED) !== 0;
    if (this.chunked !== chunked) violated(`the framing of ${id} has changed`);
    const length = requests.method[id] === HEAD || (facts & UPGRADES) !== 0 ? 0 : (requests.requestBytes[id] as number);
    if (!chunked && Math.max(0, this.contentLength) !== length) violated(`the length of ${id} has changed`);
    if (!origin.http) return;
    if (this.#count > 0) violated(`${id} comes before the answer to ${this.#waiting[this.#first]}`);
    if (wire.poisonAt !== NOT_POISONED) {
      if (wire.poisonAt === POISONED || wire.poisonKnown)
        violated(`${id} comes on a connection that had said what nobody asked for`);
      // They have crossed it, and nobody can tell what answers what from here on.
      requests.note(id, CROSSED);
      requests.fail(id, ANYTHING);
    }
    const cookie = requests.cookie[id] as number;
    const wasTurnedDown = ((requests.failed[id] as number) & origin.rules.retryOn) !== 0;
    if (cookie >= 0 && cookie !== origin.index && origin.isSteady && manners.mood === CALM && !wasTurnedDown) {
      violated(`${id} has the cookie of server ${cookie} and comes to ${origin.index}`);
    }
  }

  protected onBody(bytes: Buffer, start: number, end: number): void {
    const id = this.#reading;
    const body = this.#tunnel ? tunnelUp(id) : requestBody(id);
    if (!isBody(body, this.bodyBytes, bytes, start, end)) {
      violated(`bytes ${this.bodyBytes} to ${this.bodyBytes + end - start} of the body of ${id} are wrong`);
    }
  }

  protected onComplete(): void {
    const { requests } = this.#stage;
    const id = this.#reading;
    const origin = this.#origin as Origin;
    requests.note(id, ARRIVED);
    if (requests.is(id, BAD_BODY)) violated(`a server gets the end of ${id}, whose body has none`);
    if (!requests.is(id, SENT)) violated(`a server gets the end of ${id}, which was not sent`);
    const length = requests.is(id, UPGRADES) ? 0 : requests.requestBytes[id];
    if (this.bodyBytes !== length) violated(`the body of ${id} has ${this.bodyBytes} bytes`);
    // It may have been answered before it was complete.
    if (this.#count > 0 && (!this.#answering || !origin.http)) this.#answerLater();
  }

  #push(id: number): void {
    if (this.#count === WAITING_MAX) violated('too many requests at once');
    this.#waiting[(this.#first + this.#count) % WAITING_MAX] = id;
    this.#count++;
  }

  // Answers.

  #answerLater(): void {
    const { random, manners } = this.#stage;
    if (this.#answering) return;
    this.#answering = true;
    if (random.below(1000) < manners.stalls) return;
    if (random.below(1000) < manners.pausesBeforeAnswer) {
      this.#later(ANSWERS, 1 + random.below(manners.longestPauseMs), 0);
    } else this.#answer();
  }

  #answer(): void {
    const { random, manners, requests } = this.#stage;
    const origin = this.#origin as Origin;
    const writer = this.#writer;
    const wire = this.#wire as Wire;
    const id = this.#waiting[this.#first] as number;
    this.#answering = false;
    if (origin.http && random.below(1000) < manners.malformed) {
      requests.fail(id, RETRY_JUNK | RETRY_EMPTY);
      writer.malformed();
      this.#say();
      this.#close();
      return;
    }
    // Only the last of a pipeline can be answered by the end of the connection.
    const last = this.#requestCloses && this.#count === 1;
    writer.write(id, last, this.#requestKeepsAlive);
    if (writer.closes && !origin.http && this.#count > 1) this.#count = 1;
    const { length, bytes } = this.#stage.writer;
    if (this.#stage.tracing) this.#trace(`answers ${id} with ${length} bytes`);
    if (random.below(1000) < manners.truncations) {
      this.#truncate(id, random.below(length));
      return;
    }
    const poisoned = origin.http && !writer.closes && random.below(1000) < manners.garbage;
    if (poisoned && this.#stage.tracing) this.#trace('says more');
    if (poisoned) writer.garbage();
    wire.say(bytes, 0, this.#stage.writer.length, length - 1);
    // Nothing can tell these bytes from an answer once a request has followed: none may.
    if (poisoned) wire.poisonAt = POISONED;
    this.#leaveOne();
    this.#answered++;
    if (writer.closes) this.#close();
    else this.#afterAnswer(origin);
  }

  #afterAnswer(origin: Origin): void {
    const { random, manners } = this.#stage;
    if (!origin.http) {
      if (this.#count > 0 && !(this.#count === 1 && this.isWithin)) this.#answerLater();
      else if (this.#ended) this.#close();
      return;
    }
    if (random.below(1000) < manners.closesAfter && !this.isWithin) this.#close();
    else if (random.below(1000) < manners.idleEnds) this.#later(ENDS_IDLE, random.below(60), this.#answered);
  }

  #leaveOne(): void {
    const origin = this.#origin as Origin;
    this.#first = (this.#first + 1) % WAITING_MAX;
    this.#count--;
    if (origin.http) origin.leave();
  }

  #truncate(id: number, length: number): void {
    const { random, writer, requests } = this.#stage;
    const wire = this.#wire as Wire;
    requests.fail(id, RETRY_EMPTY);
    wire.say(writer.bytes, 0, length, length);
    const byReset = random.below(2) === 0;
    if (!byReset || requests.is(id, DIRECT)) this.#writer.noteCut(id, length);
    if (byReset) wire.reset();
    else wire.vanish();
    this.#finish();
  }

  /** Before any answer. */
  #breakOff(): void {
    const wire = this.#wire as Wire;
    this.#stage.requests.fail(this.#reading, RETRY_EMPTY);
    if (this.#stage.random.below(2) === 0) wire.reset();
    else wire.vanish();
    this.#finish();
  }

  #endIdle(): void {
    const { random, manners } = this.#stage;
    const wire = this.#wire as Wire;
    switch (random.below(manners.garbage > 0 ? 3 : 2)) {
      case 0:
        wire.reset();
        this.#finish();
        return;
      case 1:
        this.#close();
        return;
      default:
        if (wire.sendState !== 0 || wire.poisonAt !== NOT_POISONED) return;
        if (this.#stage.tracing) this.#trace('says what nobody asked for');
        wire.poisonAt = wire.read === wire.written ? 0 : wire.written;
        this.#stage.writer.begin();
        this.#writer.garbage();
        wire.say(this.#stage.writer.bytes, 0, this.#stage.writer.length, 0);
      // How far it has been read says whether somebody knows.
    }
  }

  #switch(id: number): void {
    const { requests, writer } = this.#stage;
    this.#writer.switching();
    writer.body(tunnelDown(id), 0, requests.responseBytes[id] as number);
    this.#say();
    this.#tunnel = true;
    this.#reading = id;
    requests.note(id, CUT_WHOLE);
    if (this.#stage.manners.mood === CALM) requests.facts[id] = (requests.facts[id] as number) & ~CUT_WHOLE;
    this.isRest();
    this.bodyBytes = 0;
    // In HTTP mode it holds its place until the end.
    this.#first = 0;
    this.#count = 0;
    if (this.#stage.random.below(2) === 0) (this.#wire as Wire).finish();
  }

  #say(): void {
    const { bytes, length } = this.#stage.writer;
    (this.#wire as Wire).say(bytes, 0, length, length);
  }

  /** FIN, and on to the end of the other direction, which may not come at once. */
  #close(): void {
    const wire = this.#wire as Wire;
    if (this.isWithin && this.#stage.random.below(2) === 0) {
      // It still takes what comes.
      wire.finish();
      return;
    }
    wire.vanish();
    this.#finish();
  }

  #finish(): void {
    const origin = this.#origin as Origin;
    if (origin.http) {
      if (this.#count > 0 || this.#tunnel) origin.leave();
    } else if (this.#stood) origin.leave();
    this.ignoreRest();
    this.over = true;
    this.life++;
    this.#count = 0;
    this.#wire = null;
    this.#spare.push(this);
  }

  #later(what: number, afterMs: number, argument: number): void {
    const { calendar } = this.#stage;
    calendar.enter(calendar.nowMs + afterMs, this, what, argument);
  }

  #trace(what: string): void {
    this.#stage.trace(`server ${this.#origin?.index} on ${this.#wire?.fd}: ${what}`);
  }
}
