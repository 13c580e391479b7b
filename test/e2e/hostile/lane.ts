/**
 * Runs cases one after the other through one address of a proxy, with an origin of its own behind it. Lanes beside each
 * other do not disturb each other: what an origin sees is of its lane's case.
 *
 * It waits for what must come, and never for a time to pass: what a proxy is still to do with bytes it has is done when
 * it has served a whole request that somebody sent later (`turn`), through a listener and an origin apart.
 *
 * Not here: whether the outcome is right (judge.ts).
 */
import { readAnswers, statusOf } from './answers.ts';
import { asksHead, HOST, leastOf, type RequestCase, type ResponseCase, type Step } from './case.ts';
import { Client } from './client.ts';
import { type Origin, OWN_TARGET, type Upstream } from './origin.ts';

export interface RequestView {
  readonly upstream: readonly Upstream[];
  readonly raw: string;
  /** The proxy ended the connection before the client did. */
  readonly closed: boolean;
  readonly canary: string | undefined;
}

/** A request and what came for it: undefined when it was its own answer. */
export interface ResponseView {
  readonly raw: string;
  readonly closed: boolean;
  /** By a reset. */
  readonly reset: boolean;
  /** What the clients behind got, if it was not theirs. */
  readonly foreign: readonly string[];
}

const plain = (target: string, fields = ''): string => `GET ${target} HTTP/1.1\r\nHost: ${HOST}\r\n${fields}\r\n`;

let serial = 0;
const ownTarget = (): string => `${OWN_TARGET}${++serial}`;

export interface LaneOptions {
  readonly origin: Origin;
  /** Of the proxy, which leads to `origin`. */
  readonly port: number;
  /** Of the proxy, which leads to another origin. */
  readonly turnPort: number;
  /** Longer than every timeout of the proxy: what has not come by then does not come. */
  readonly giveUpMs: number;
}

export class Lane {
  readonly #origin: Origin;
  readonly #port: number;
  readonly #turnPort: number;
  readonly #giveUpMs: number;

  constructor({ origin, port, turnPort, giveUpMs }: LaneOptions) {
    this.#origin = origin;
    this.#port = port;
    this.#turnPort = turnPort;
    this.#giveUpMs = giveUpMs;
  }

  /** What the proxy had before this call, it has looked at when this returns. */
  async turn(): Promise<void> {
    const client = new Client(this.#turnPort);
    client.send(plain(ownTarget(), 'Connection: close\r\n'));
    await client.until(() => client.over, this.#giveUpMs);
    client.destroy();
  }

  /** Whether the next client gets its own answer; what is wrong, if not. */
  async #canary(): Promise<string | undefined> {
    let got = '';
    for (let tries = 0; tries < 3; tries++) {
      const target = ownTarget();
      const client = new Client(this.#port);
      client.send(plain(target, 'Connection: close\r\n'));
      await client.until(() => client.over, this.#giveUpMs);
      client.destroy();
      got = client.text;
      const { final, rest, fault } = readAnswers(got, true, () => false);
      const [first] = final;
      if (first !== undefined && final.length === 1 && rest === '' && first.body === target) return undefined;
      // An honest error of a connection that was lost is nobody else's answer.
      const honest = got === '' || (fault === undefined && first !== undefined && statusOf(first) >= 500);
      if (!honest) break;
    }
    return `the next client got ${JSON.stringify(got.slice(0, 120))}`;
  }

  /** `cutEvery` sends pieces of that size, as segments of their own. */
  async request(one: RequestCase, cutEvery?: number): Promise<RequestView> {
    this.#origin.begin(one);
    const client = new Client(this.#port);
    await client.until(() => client.connected || client.over, this.#giveUpMs);
    const answers = () => {
      const startLines = this.#origin.seen().flatMap(({ requests }) => requests.map((message) => message.startLine));
      return readAnswers(client.text, client.over, (index) => asksHead(one, startLines, index));
    };
    for (const step of cutEvery === undefined ? one.steps : pieces(one.steps, cutEvery)) {
      const { final, interim } = answers();
      const before = final.length + interim;
      client.send(step.send);
      if (cutEvery !== undefined) await new Promise((resolve) => setImmediate(resolve));
      if (step.wait === 'turn') await this.turn();
      if (step.wait === 'server') await this.#origin.changed.until(() => this.#sawSomething(client), this.#giveUpMs);
      if (step.wait === 'answer') {
        await client.until(() => {
          const now = answers();
          return client.over || now.final.length + now.interim > before;
        }, this.#giveUpMs);
      }
    }
    if (one.halfClose === true) client.end();

    const enough = (): boolean => {
      const { final, fault } = answers();
      if (fault !== undefined || final.some((answer) => statusOf(answer) >= 400 && statusOf(answer) !== 426))
        return true;
      const wanted = one.clientHas ?? [];
      const lower = client.text.toLowerCase();
      return final.length >= Math.max(1, leastOf(one)) && wanted.every((piece) => lower.includes(piece));
    };
    await client.until(() => client.over || enough(), this.#giveUpMs);
    // What a proxy makes of bytes behind, it makes by now.
    await this.turn();
    await this.turn();
    // Who refuses, closes; what the server has answered or dropped may end otherwise.
    const refused = answers().final.some((answer) => statusOf(answer) >= 400) && this.#origin.seen().length === 0;
    if (refused) await client.until(() => client.over, this.#giveUpMs);
    const closed = client.over;
    client.end();
    await client.until(() => client.over, this.#giveUpMs);
    client.destroy();
    const canary = await this.#canary();
    return { upstream: this.#origin.seen(), raw: client.text, closed, canary };
  }

  #sawSomething(client: Client): boolean {
    return client.over || this.#origin.seen().length > 0;
  }

  async response(one: ResponseCase): Promise<ResponseView> {
    this.#origin.begin();
    const foreign: string[] = [];
    const asks = async (client: Client, who: string): Promise<void> => {
      const target = ownTarget();
      const before = client.text.length;
      const got = (): string => client.text.slice(before);
      client.send(plain(target));
      await client.until(() => client.over || readAnswers(got(), false, () => false).final.length > 0, this.#giveUpMs);
      const { final, rest, fault } = readAnswers(got(), client.over, () => false);
      const [first] = final;
      const own = first?.body === target && statusOf(first) === 200;
      const honest = got() === '' ? client.over : first !== undefined && statusOf(first) >= 500;
      if (fault !== undefined || rest !== '' || final.length > 1 || !(own || honest)) {
        foreign.push(`${who} got ${JSON.stringify(got().slice(0, 160))}`);
      }
    };
    // Both have a connection, and one to the server is kept.
    const other = new Client(this.#port);
    await asks(other, 'a client before');
    const client = new Client(this.#port);
    await asks(client, 'the same client before');
    const before = client.text.length;

    const target = `/case-${++serial}`;
    const request = one.request ?? plain('{id}');
    const isHead = request.startsWith('HEAD');
    const final = () => readAnswers(client.text.slice(before), client.over && !client.reset, () => isHead);
    const whole = (): boolean => final().final.length > 0 || final().fault !== undefined;
    this.#origin.on(target, (socket) => {
      const play = async (): Promise<void> => {
        for (const step of one.steps) {
          if (!socket.writable) return;
          socket.write(step.send, 'latin1');
          if (step.wait === 'client') await client.until(() => client.over || whole(), this.#giveUpMs);
          if (step.wait !== undefined) await this.turn();
        }
        if (one.resets === true) socket.resetAndDestroy();
        else if (one.open !== true) socket.end();
      };
      played = play();
    });
    let played: Promise<void> = Promise.resolve();
    client.send(request.replace('{id}', target));
    await client.until(() => client.over || whole(), this.#giveUpMs);
    await played;
    await this.turn();
    const got = client.text.slice(before);
    const { over: closed, reset } = client;
    // The others first: what is left on a kept connection would be theirs.
    await asks(other, 'another client');
    if (!client.over) await asks(client, 'the same client');
    const fresh = new Client(this.#port);
    await asks(fresh, 'a new client');
    await asks(other, 'another client, later,');
    for (const each of [client, other, fresh]) each.destroy();
    return { raw: got, closed, reset, foreign };
  }
}

function pieces(steps: readonly Step[], size: number): Step[] {
  return steps.flatMap(({ send }) => {
    const cut: Step[] = [];
    for (let at = 0; at < send.length; at += size) cut.push({ send: send.slice(at, at + size) });
    return cut;
  });
}
