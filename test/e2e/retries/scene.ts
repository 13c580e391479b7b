/** All cases as sections of one proxy, with servers of their own; each is asked once, and what came of it is told. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SectionProxy } from '../../support/section-proxy.ts';
import { type Attempt, AttemptServer, type Script } from './attempt-server.ts';

export interface Case {
  readonly what: string;
  /** Of its section. */
  readonly lines: readonly string[];
  /** By name; `name parameters …`. */
  readonly servers: Readonly<Record<string, Script>>;
  readonly request: string;
  /** Counters that are not compared. */
  readonly uncounted?: readonly string[];
}

export interface Outcome {
  readonly answer: string;
  readonly attempts: readonly Attempt[];
  readonly log: string;
  readonly counters: readonly string[];
}

/** Counters that are compared; the times of a session are not. */
const COUNTERS = [
  'stot',
  'econ',
  'eresp',
  'wretr',
  'wredis',
  'cli_abrt',
  'srv_abrt',
  'hrsp_2xx',
  'hrsp_4xx',
  'hrsp_5xx',
];

export class Scene {
  readonly #cases: readonly Case[];
  readonly #attempts: Attempt[][] = [];
  readonly #servers: AttemptServer[] = [];
  readonly #proxy: SectionProxy;

  /** Its sockets go into `folder`. */
  constructor(cases: readonly Case[], folder: string) {
    this.#cases = cases;
    this.#proxy = new SectionProxy(folder);
  }

  async start(program: string): Promise<void> {
    const sections = this.#cases.map(async ({ lines, servers }, i) => {
      const attempts: Attempt[] = [];
      this.#attempts[i] = attempts;
      const all = Object.entries(servers).map(async ([words, script]) => {
        const [name = '', ...parameters] = words.split(' ');
        const { port, server } = await AttemptServer.start(name, script, attempts);
        if (server !== null) this.#servers.push(server);
        return `${name} 127.0.0.1:${port} ${parameters.join(' ')}`;
      });
      return { lines, servers: await Promise.all(all) };
    });
    await this.#proxy.start(program, await Promise.all(sections));
  }

  async stop(): Promise<void> {
    await this.#proxy.stop();
    for (const server of this.#servers) server.stop();
  }

  async run(i: number): Promise<Outcome> {
    const { request = '', uncounted = [] } = this.#cases[i] ?? {};
    const socket = connect(this.#proxy.path(i));
    socket.on('error', () => undefined);
    socket.write(request, 'latin1');
    let answer = '';
    for await (const chunk of socket) answer += (chunk as Buffer).toString('latin1');
    while (this.#proxy.logs(i).length === 0) await sleep(5);
    const counted = COUNTERS.filter((name) => !uncounted.includes(name));
    return {
      answer: canonical(answer),
      attempts: (this.#attempts[i] ?? []).map(({ server, request }) => ({ server, request: canonical(request) })),
      log: this.#proxy.logs(i)[0] ?? '',
      counters: await this.#proxy.counters(i, counted),
    };
  }
}

/** Names of fields in lower case and in one order, with which proxies differ. */
function canonical(messages: string): string {
  return messages.replaceAll(/^(?:HTTP|[A-Z]+ ).*\r\n(?:.+\r\n)*\r\n/gm, (head) => {
    const [first, ...fields] = head.trim().split('\r\n');
    return [first, ...fields.map((field) => field.replace(/^[^:]+/, (name) => name.toLowerCase())).sort(), '', ''].join(
      '\n',
    );
  });
}
