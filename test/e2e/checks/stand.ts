/** One proxy that checks all the peers by all the lists, and what it makes of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../support/ports.ts';
import { ProxyProcess } from '../../support/proxy-process.ts';
import { ask } from '../../support/stats-client.ts';
import { HTTP_LISTS, LINE_LISTS, PROTOCOL_LISTS } from './lists.ts';
import { CheckPeer, type CheckScript, HTTP_PEERS, LINE_PEERS, ODD_PEERS, PROTOCOL_PEERS } from './peers.ts';

type Named<T> = Readonly<Record<string, T>>;

/** Which lists meet which peers. */
const GROUPS: readonly (readonly [lists: Named<string>, peers: Named<CheckScript>])[] = [
  [LINE_LISTS, { ...ODD_PEERS, ...LINE_PEERS }],
  [HTTP_LISTS, { ...ODD_PEERS, ...HTTP_PEERS }],
  [PROTOCOL_LISTS, { ...ODD_PEERS, ...PROTOCOL_PEERS }],
];

/** Where two things happen at once, and either may win: the connection breaks while more is sent, or while the next begins. */
const RACES = new Set([
  'and_then/pong_resets',
  'http_again/http_cut',
  'header/pong_resets',
  'header/resets',
  'proxied/pong_resets',
  'proxied/resets',
  'proxied_2/pong_resets',
  'proxied_2/resets',
]);

function namesOf(list: string, scripts: Named<CheckScript>): string[] {
  return Object.keys(scripts).filter((name) => !RACES.has(`${list}/${name}`));
}

/** By `backend/server`. */
export type Findings = ReadonlyMap<string, string>;

/** By the name of the peer. */
export type Requests = Readonly<Record<string, readonly string[]>>;

export class CheckStand {
  readonly #proxy: ProxyProcess;
  readonly #folder: string;
  readonly #peers: ReadonlyMap<string, CheckPeer>;
  readonly #findings = new Map<string, string>();

  private constructor(proxy: ProxyProcess, folder: string, peers: ReadonlyMap<string, CheckPeer>) {
    this.#proxy = proxy;
    this.#folder = folder;
    this.#peers = peers;
  }

  static async start(program: string): Promise<CheckStand> {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-checks-'));
    const peers = new Map<string, CheckPeer>();
    for (const [name, script] of GROUPS.flatMap(([, scripts]) => Object.entries(scripts))) {
      if (!peers.has(name)) peers.set(name, await CheckPeer.start(script));
    }
    const front = await freePort();
    const proxy = await ProxyProcess.start(program, configuration(front, join(folder, 'stats'), peers), front);
    return new CheckStand(proxy, folder, peers);
  }

  async stop(): Promise<void> {
    await this.#proxy.stop();
    for (const peer of this.#peers.values()) await peer.stop();
    rmSync(this.#folder, { recursive: true });
  }

  /** What each peer was asked, whoever asked; ports and times made equal. Those that reset may not have heard all. */
  get requests(): Requests {
    const asked = [...this.#peers]
      .filter(([name]) => !name.includes('resets'))
      .map(([name, { requests }]) => [name, [...new Set([...requests].map(timeless))].sort()]);
    return Object.fromEntries(asked);
  }

  /** The last result of each check that was seen; those that have none yet are missing. */
  async findings(): Promise<Findings> {
    const table = csv(await ask(join(this.#folder, 'stats'), 'show stat\n'));
    for (const row of table) {
      const status = row['check_status'] ?? '';
      // While one is under way, the words of the last are gone.
      if (status === '' || status === 'INI' || status.startsWith('*')) continue;
      const code = row['check_code'] === '' ? '' : `/${row['check_code']}`;
      const words = `${status}${code} "${row['last_chk']}" ${row['check_desc']}, ${row['status']}`;
      this.#findings.set(`${row['# pxname']}/${row['svname']}`, words);
    }
    return this.#findings;
  }
}

export const EXPECTED_FINDINGS = GROUPS.reduce((sum, [lists, peers]) => {
  return Object.keys(lists).reduce((before, list) => before + namesOf(list, peers).length, sum);
}, 0);

/**
 * Answers have more time than a busy machine needs; the checks are spread over 5 s, for the machine not to be asked everything
 * at once.
 */
function configuration(front: number, socket: string, peers: ReadonlyMap<string, CheckPeer>): string {
  const backends = GROUPS.flatMap(([lists, scripts]) => {
    const serverLine = (name: string) => `  server ${name} 127.0.0.1:${peers.get(name)?.port ?? 0}\n`;
    return Object.entries(lists).map(([list, lines]) => {
      return `backend ${list}\n${lines}\n${namesOf(list, scripts).map(serverLine).join('')}`;
    });
  });
  return `global
  stats socket ${socket} level admin
defaults
  mode tcp
  timeout connect 5s
  timeout client 1s
  timeout server 1s
  timeout check 5s
  default-server check inter 5s fall 1 rise 1
frontend in
  bind 127.0.0.1:${front}
${backends.join('')}`;
}

function timeless(request: string): string {
  return request
    .replace(/^PROXY TCP4 (\S+) (\S+) \d+ \d+/, 'PROXY TCP4 $1 $2')
    .replace(/^(\x16\x03\0\0y\x01\0\0u\x03\0)[\s\S]{4}/, '$1');
}

/** RFC 4180, a heading and rows. */
function csv(text: string): Record<string, string>[] {
  const rows = text
    .split('\n')
    .filter((line) => line.includes(','))
    .map((line) => [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell = '']) => unquote(cell)));
  const [head = [], ...rest] = rows;
  return rest.map((row) => Object.fromEntries(head.map((name, column) => [name, row[column] ?? ''])));
}

function unquote(cell: string): string {
  return cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
}
