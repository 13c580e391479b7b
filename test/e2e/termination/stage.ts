/**
 * All rows against one proxy: one process with a section for each, and what its log said of them.
 *
 * Every section has an address of its own, and so has each of its servers, which are the same for all proxies (a dynamic
 * cookie depends on them).
 */
import { createSocket, type Socket as Datagrams } from 'node:dgram';
import { once } from 'node:events';
import { freePort } from '../../support/ports.ts';
import { ProxyProcess } from '../../support/proxy-process.ts';
import type { Row } from './row.ts';
import { type Place, Scene, sectionOf } from './scene.ts';

/** Rows that are played at the same time: most of their time is waiting. */
const AT_ONCE = 30;
/** Servers are in 127.51 to 127.59. */
const SERVERS = 50;

export interface Result {
  /** Lines of the log, without what is not comparable. */
  readonly log: readonly string[];
  /** What clients were told. */
  readonly told: readonly string[];
}

export interface Cast {
  readonly program: string;
  readonly global: string;
  /** It listens in 127.GROUP; another one for each stage. */
  readonly group: number;
}

/** What all stages share. */
export interface World {
  readonly serverPort: number;
  /** See test/support/blackhole.ts. */
  readonly hole: string;
}

export class Stage {
  readonly #rows: readonly Row[];
  readonly #places: readonly Place[];
  readonly #results: (Result | Error)[] = [];
  readonly #lines = new Map<string, string[]>();
  readonly #syslog: Datagrams;
  #proxy: ProxyProcess | null = null;

  private constructor(rows: readonly Row[], places: readonly Place[], syslog: Datagrams) {
    this.#rows = rows;
    this.#places = places;
    this.#syslog = syslog;
    syslog.on('message', (message) => this.#take(message.toString('latin1')));
  }

  /** Starts the proxy and plays every row once. */
  static async open(rows: readonly Row[], cast: Cast, world: World): Promise<Stage> {
    const port = await freePort();
    const syslog = createSocket('udp4');
    syslog.bind(0, '127.0.0.1');
    await once(syslog, 'listening');
    const places = rows.map((_, i): Place => {
      const at = (network: number): string => `127.${network}.${(i >> 7) + 1}.${(i & 127) + 1}`;
      return {
        name: `row${i}`,
        host: at(cast.group),
        port,
        server: (n) => `${at(SERVERS + n)}:${world.serverPort}`,
        hole: world.hole,
      };
    });
    const stage = new Stage(rows, places, syslog);
    try {
      await stage.#playAll(cast, port);
    } catch (error) {
      await stage.close();
      throw error;
    }
    return stage;
  }

  result(row: number): Result {
    const result = this.#results[row];
    if (result === undefined) throw new Error('this row was not played');
    if (result instanceof Error) throw result;
    return result;
  }

  /** Plays a row once more, alone. */
  async again(row: number): Promise<void> {
    const place = this.#places[row] as Place;
    const scene = this.#scene(place);
    await scene.open(this.#rows[row] as Row);
    this.#lines.delete(place.name);
    await this.#play(row, scene);
    await scene.close();
  }

  async close(): Promise<void> {
    await this.#proxy?.stop();
    this.#syslog.close();
  }

  async #playAll(cast: Cast, port: number): Promise<void> {
    const config = [
      `global\n  log 127.0.0.1:${this.#syslog.address().port} len 8192 local0\n  ${cast.global}`,
      'defaults\n  mode http\n  log global\n  option httplog\n  retries 0\n  timeout connect 60s\n  timeout client 60s',
      '  timeout server 60s\n  timeout http-request 60s',
      ...this.#rows.map((row, i) => sectionOf(row, this.#places[i] as Place)),
      // Bound last: who reaches it reaches all.
      `listen ready\n  bind 127.0.0.1:${port}`,
    ].join('\n');
    const scenes = this.#places.map((place) => this.#scene(place));
    try {
      for (const [i, scene] of scenes.entries()) await scene.open(this.#rows[i] as Row);
      this.#proxy = await ProxyProcess.start(cast.program, `${config}\n`, port);
      let next = 0;
      const player = async (): Promise<void> => {
        for (let i = next++; i < scenes.length; i = next++) await this.#play(i, scenes[i] as Scene);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, player));
    } finally {
      await Promise.all(scenes.map((scene) => scene.close()));
    }
  }

  async #play(i: number, scene: Scene): Promise<void> {
    const row = this.#rows[i] as Row;
    const count = typeof row.state === 'string' ? 1 : row.state.length;
    try {
      await row.play(scene);
      await scene.logged(count);
      const told = await scene.outcome();
      const { name } = this.#places[i] as Place;
      this.#results[i] = { told, log: this.#of(name).map((line) => comparable(line, row)) };
    } catch (error) {
      this.#results[i] = new Error(`${row.title}: ${String(error)}`);
    }
  }

  #scene(place: Place): Scene {
    return new Scene(place, { lines: () => this.#of(place.name), notices: () => this.#of(`${place.name} servers`) });
  }

  #of(name: string): string[] {
    const lines = this.#lines.get(name) ?? [];
    this.#lines.set(name, lines);
    return lines;
  }

  #take(message: string): void {
    const found = /\] (row\d+) row\d+\/(.*)/s.exec(message);
    if (found !== null) this.#of(found[1] ?? '').push((found[2] ?? '').trimEnd());
    const notice = /Server (row\d+)\/(\S+ is \w+)/.exec(message);
    if (notice !== null) this.#of(`${notice[1]} servers`).push(notice[2] ?? '');
  }
}

/** Timers are there or not; how many connections the process has is not the row's. */
function comparable(line: string, row: Row): string {
  const found = /^(\S+) (\S+) (?:(-?\d+) )?(\+?\d+) (.*)$/.exec(line);
  if (found === null) return line;
  const [, server, timers = '', status = '', bytes = '', rest = ''] = found;
  const signs = timers.replaceAll(/(?<=^|\/|\+)\d+/g, '0');
  const flow = row.anyBytes === true ? '*' : bytes;
  const counts = row.anyCounts === true ? ' */$2' : ' $1/$2';
  const settled = rest.replace(/ \d+\/(\d+\/\d+\/\d+)\/(\+?\d+)/, counts);
  return `${server} ${signs} ${status === '' ? '' : `${status} `}${flow} ${settled}`;
}

/** The termination state in a comparable line. */
export function stateOf(line: string): string {
  return /^\S+ \S+ (?:-?\d+ )?(?:\S+) (?:\S+ \S+ )?(\S{2}|\S{4}) [\d*]/.exec(line)?.[1] ?? line;
}
