/**
 * A proxy with one section for each of many cases, which all run at the same time: each section listens on a unix socket of its
 * own, so no port is needed twice. Log lines and counters are those of a section.
 */
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { ProxyProcess } from './proxy-process.ts';
import { ask } from './stats-client.ts';

export interface SectionText {
  readonly lines: readonly string[];
  /** `name address:port parameters …` */
  readonly servers: readonly string[];
}

export type Row = Readonly<Record<string, string>>;

export class SectionProxy {
  readonly #folder: string;
  #process: ProxyProcess | null = null;
  /** One talk at a time with the stats socket, which takes few. */
  #talk: Promise<unknown> = Promise.resolve();

  /** Its sockets go into `folder`. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async start(program: string, sections: readonly SectionText[]): Promise<void> {
    const ready = join(this.#folder, 'ready');
    const text = `
global
  nbthread 1
  log stdout format raw local0
  stats socket ${join(this.#folder, 'stats')} level admin
defaults
  mode http
  log global
  option httplog
  timeout connect 20s
  timeout client 60s
  timeout server 60s
${sections.map((section, i) => this.#section(section, i)).join('')}
listen ready
  bind ${ready}
`;
    this.#process = await ProxyProcess.startAs([program], text, async () => existsSync(ready) && accepts(ready));
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
  }

  /** Where section `i` listens. */
  path(i: number): string {
    return join(this.#folder, `${i}`);
  }

  /** A command on the stats socket; `PROXY` is the name of section `i`. */
  command(i: number, text: string): Promise<string> {
    const command = text.replace('PROXY', `case${i}`);
    const answer = this.#talk.then(() => ask(join(this.#folder, 'stats'), `${command}\n`));
    this.#talk = answer.catch(() => undefined);
    return answer;
  }

  /** What `show stat` says of the servers and the backend of section `i`. */
  async rows(i: number): Promise<Row[]> {
    const [head = '', ...lines] = (await this.command(i, 'show stat')).trim().split('\n');
    const names = head.replace(/^# /, '').split(',');
    return lines
      .map((line) => Object.fromEntries(line.split(',').map((value, at) => [names[at] ?? '', value])))
      .filter((row) => row['pxname'] === `case${i}` && row['svname'] !== 'FRONTEND');
  }

  async counters(i: number, names: readonly string[]): Promise<string[]> {
    const rows = await this.rows(i);
    return rows.map((row) => `${row['svname']}: ${names.map((name) => `${name}=${row[name] ?? ''}`).join(' ')}`);
  }

  /**
   * Log lines from the server's name on: times are there or not, and how many connections there are, of other sections or of
   * clients that are about to leave, says nothing.
   */
  logs(i: number): string[] {
    const all = (this.#process?.output ?? '').matchAll(new RegExp(`^.* case${i} (case${i}/.*)$`, 'gm'));
    return [...all].map(([, line = '']) =>
      line
        .replace(/ (-?\d+)\/(-?\d+)\/(-?\d+)\/(-?\d+)\/(-?\+?\d+) /, (_, ...times) => {
          const kinds = (times.slice(0, 5) as string[]).map((time) => (time.startsWith('-') ? '-' : 'n'));
          return ` ${kinds.join('/')} `;
        })
        .replace(/ \d+\/\d+(\/\d+\/\d+\/\+?\d+ \d+\/\d+ )/, ' n/n$1'),
    );
  }

  #section({ lines, servers }: SectionText, i: number): string {
    const all = [`bind ${this.path(i)}`, ...lines, ...servers.map((server) => `server ${server}`)];
    return `listen case${i}\n${all.map((line) => `  ${line}\n`).join('')}`;
  }
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
