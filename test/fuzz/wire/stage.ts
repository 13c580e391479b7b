/**
 * Three proxies in front of servers of their own, side by side:
 *
 *   the same bytes ─▶ Tandem  ─▶ origin
 *                 ─▶ haproxy ─▶ origin
 *                 ─▶ nginx   ─▶ origin
 *
 * Each exchange ends with the connection, because the client ends its side or says so; nothing here waits for time.
 */
import { programPath } from '../../support/peers.ts';
import { freePort } from '../../support/ports.ts';
import { ProxyProcess, TANDEM_HAPROXY } from '../../support/proxy-process.ts';
import { exchange, type Heard } from './client.ts';
import { NginxProcess } from './nginx.ts';
import { Origin, type Seen } from './origin.ts';

/** Longer than any machine needs: a Tandem that is not done by then hangs. The others are not our concern. */
const DEADLINES_MS: Readonly<Record<Who, number>> = { tandem: 30_000, haproxy: 2_000, nginx: 2_000 };

export type Who = 'tandem' | 'haproxy' | 'nginx';
const EVERYBODY: readonly Who[] = ['tandem', 'haproxy', 'nginx'];

export interface Passage {
  readonly heard: Heard;
  readonly seen: readonly Seen[];
  /** Client and server side ended before the deadline. */
  readonly over: boolean;
}

/** What makes Tandem take more than the rules allow. */
const FORGIVING = `
  option accept-unsafe-violations-in-http-request
  option accept-unsafe-violations-in-http-response
`;

const configuration = (port: number, serverPort: number, more = ''): string => `
global
  nbthread 1
  maxconn 1000
defaults
  mode http
  retries 0
  http-reuse never
  timeout connect 60s
  timeout client 60s
  timeout server 60s
  timeout http-request 60s
${more}
listen fuzz
  bind 127.0.0.1:${port}
  server s 127.0.0.1:${serverPort}
`;

interface Place {
  readonly port: number;
  readonly origin: Origin;
  readonly stop: () => Promise<void>;
}

async function startPlace(who: Who, forgives: boolean): Promise<Place> {
  const origin = await Origin.listen(await freePort());
  const port = await freePort();
  const program =
    who === 'nginx'
      ? await NginxProcess.start(programPath('nginx'), port, origin.port)
      : await ProxyProcess.start(
          who === 'tandem' ? TANDEM_HAPROXY : programPath('haproxy'),
          configuration(port, origin.port, forgives && who === 'tandem' ? FORGIVING : ''),
          port,
        );
  return {
    port,
    origin,
    stop: async () => {
      await program.stop();
      await origin.close();
    },
  };
}

export class Stage {
  readonly #places: ReadonlyMap<Who, Place>;

  private constructor(places: ReadonlyMap<Who, Place>) {
    this.#places = places;
  }

  /** `forgives`: Tandem does, the others are as ever. */
  static async open(forgives = false): Promise<Stage> {
    const places = new Map<Who, Place>();
    for (const who of EVERYBODY) places.set(who, await startPlace(who, forgives));
    return new Stage(places);
  }

  /** Bytes through one proxy, to a server that answers each request, or once with `answer` (the request says `close` then). */
  async pass(who: Who, bytes: string, answer: string | null = null): Promise<Passage> {
    const place = this.#places.get(who);
    if (place === undefined) throw new Error(`${who} was not started`);
    const deadline = AbortSignal.timeout(DEADLINES_MS[who]);
    place.origin.begin(answer);
    const heard = await exchange(place.port, bytes, answer === null, deadline);
    const quiet = await place.origin.quiet(deadline);
    if (!quiet) place.origin.drop();
    return { heard, seen: place.origin.seen(), over: heard.ended && quiet };
  }

  async close(): Promise<void> {
    for (const place of this.#places.values()) await place.stop();
  }
}
