/**
 * A client that pipelines: batches of requests in one write, answers parsed here by Content-Length (node:http cannot
 * pipeline). Every few batches it resets with answers outstanding.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { PatternCheck } from './pattern.ts';
import type { Traffic } from './traffic.ts';

interface Awaited {
  readonly seed: number;
  readonly bytes: number;
}

/** Takes answers out of a byte stream, in the order of the requests. */
class AnswerReader {
  readonly #faults: string[];
  readonly #awaited: Awaited[] = [];
  #head = Buffer.alloc(0);
  #check: PatternCheck | undefined;
  #left = 0;
  bytes = 0;

  constructor(faults: string[]) {
    this.#faults = faults;
  }

  expect(answer: Awaited): void {
    this.#awaited.push(answer);
  }

  get outstanding(): number {
    return this.#awaited.length;
  }

  /** False when nothing after this can be understood. */
  take(chunk: Buffer): boolean {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#check !== undefined) {
        const body = rest.subarray(0, this.#left);
        rest = rest.subarray(body.length);
        this.#left -= body.length;
        this.#check.take(body);
        this.bytes += body.length;
        if (this.#left === 0) this.#finish();
        continue;
      }
      this.#head = Buffer.concat([this.#head, rest]);
      const end = this.#head.indexOf('\r\n\r\n');
      if (end < 0) return true;
      rest = this.#head.subarray(end + 4);
      const head = this.#head.subarray(0, end).toString('latin1');
      this.#head = Buffer.alloc(0);
      if (!this.#begin(head)) return false;
    }
    return true;
  }

  #begin(head: string): boolean {
    const next = this.#awaited[0];
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    const seed = /\r\nx-seed: *(\d+)/i.exec(head)?.[1];
    if (next === undefined || !head.startsWith('HTTP/1.1 200') || Number(seed) !== next.seed) {
      this.#faults.push(`pipelined: unexpected answer ${JSON.stringify(head.slice(0, 200))}`);
      return false;
    }
    if (Number(length) !== next.bytes) {
      this.#faults.push(`pipelined: content-length ${length} instead of ${next.bytes}`);
      return false;
    }
    this.#check = new PatternCheck(next.seed);
    this.#left = next.bytes;
    if (this.#left === 0) this.#finish();
    return true;
  }

  #finish(): void {
    if (this.#check !== undefined && this.#check.wrongAt >= 0) {
      this.#faults.push(`pipelined: byte ${this.#check.wrongAt} of an answer is wrong`);
    }
    this.#check = undefined;
    this.#awaited.shift();
  }
}

/** Reads until no answer is outstanding; false when the connection ended before, or made no sense. */
function answered(socket: Socket, reader: AnswerReader): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (whole: boolean): void => {
      socket.off('data', onData);
      socket.off('close', onClose);
      resolve(whole);
    };
    const onData = (chunk: Buffer): void => {
      if (!reader.take(chunk)) {
        socket.destroy();
        done(false);
      } else if (reader.outstanding === 0) done(true);
    };
    const onClose = (): void => done(false);
    socket.on('data', onData);
    socket.on('close', onClose);
  });
}

async function batch(socket: Socket, traffic: Traffic, reader: AnswerReader, abandon: boolean): Promise<boolean> {
  const { random } = traffic;
  const count = 2 + random.below(15);
  let requests = '';
  for (let index = 0; index < count; index++) {
    const answer = { seed: random.below(1_000_000), bytes: random.size(32 * 1024) };
    reader.expect(answer);
    requests += `GET /down?seed=${answer.seed}&bytes=${answer.bytes}&framing=length HTTP/1.1\r\nHost: origin\r\n\r\n`;
  }
  // Cut at a random place: the second part comes in a segment of its own.
  const cut = random.below(requests.length);
  socket.write(requests.slice(0, cut));
  await new Promise((resolve) => setImmediate(resolve));
  socket.write(requests.slice(cut));
  if (abandon) {
    await new Promise((resolve) => setImmediate(resolve));
    socket.resetAndDestroy();
    traffic.counts.broken += count;
    return false;
  }
  if (!(await answered(socket, reader))) {
    traffic.faults.push(`pipelined: closed with ${reader.outstanding} answers outstanding`);
    return false;
  }
  traffic.counts.exchanges += count;
  return true;
}

export async function pipeliningClient(traffic: Traffic): Promise<void> {
  while (traffic.running()) {
    const socket = connect(traffic.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.on('error', (error) => traffic.faults.push(`pipelined: ${error.message}`));
    const reader = new AnswerReader(traffic.faults);
    const batches = 1 + traffic.random.below(20);
    const abandonLast = traffic.random.below(4) === 0;
    for (let index = 0; index < batches && traffic.running(); index++) {
      if (!(await batch(socket, traffic, reader, abandonLast && index === batches - 1))) break;
    }
    traffic.counts.bytes += reader.bytes;
    socket.destroy();
  }
}
