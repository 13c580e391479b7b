/** Where clients come in: a row for each frontend. */
import type { ShownFrontend, ShownStatus } from '../shown.ts';
import { byId, element, LiveText } from './element.ts';
import { bytesPerSecond, count, NONE, ofLimit, perSecond } from './format.ts';
import { Growth } from './history.ts';
import { Spark } from './spark.ts';
import { StateSign } from './state-sign.ts';
import { Table } from './table.ts';

const COLUMNS = [
  { name: 'Frontend' },
  { name: 'State' },
  { name: 'Sessions', figures: true },
  { name: 'Connections', figures: true },
  { name: 'Requests', figures: true },
  { name: 'Of late' },
  { name: 'In', figures: true },
  { name: 'Out', figures: true },
  { name: '4xx', figures: true },
  { name: '5xx', figures: true },
  { name: 'Bad', figures: true },
] as const;

const WORDS = {
  OPEN: { text: 'open', sign: '●', tone: 'good' },
  FULL: { text: 'full', sign: '▲', tone: 'warn' },
  PAUSED: { text: 'paused', sign: '○', tone: 'idle' },
  STOP: { text: 'stopped', sign: '○', tone: 'idle' },
} as const;

class FrontendRow {
  readonly #state = new StateSign();
  readonly #spark = new Spark();
  readonly #texts = {
    sessions: new LiveText(),
    connections: new LiveText(),
    requests: new LiveText(),
    in: new LiveText(),
    out: new LiveText(),
    clientErrors: new LiveText(),
    serverErrors: new LiveText(),
    bad: new LiveText(),
  };
  readonly #growth = { in: new Growth(), out: new Growth() };

  constructor(table: Table, name: string) {
    const { sessions, connections, requests, clientErrors, serverErrors, bad, ...bytes } = this.#texts;
    table.row(
      [name],
      [this.#state.node],
      ...[sessions, connections, requests].map(({ node }) => [node]),
      [this.#spark.node],
      ...[bytes.in, bytes.out, clientErrors, serverErrors, bad].map(({ node }) => [node]),
    );
  }

  show(frontend: ShownFrontend, wallMs: number): void {
    const { http, responses, bytesIn, bytesOut } = frontend;
    const texts = this.#texts;
    const rate = http ? frontend.requestRate.now : frontend.connectionRate.now;
    this.#state.show(WORDS[frontend.status]);
    this.#spark.push(wallMs, rate);
    texts.sessions.set(ofLimit(frontend.sessions, frontend.limit));
    texts.connections.set(perSecond(frontend.connectionRate.now));
    texts.requests.set(http ? perSecond(rate) : NONE);
    texts.in.set(bytesPerSecond(this.#growth.in.look(wallMs, bytesIn) ?? 0));
    texts.out.set(bytesPerSecond(this.#growth.out.look(wallMs, bytesOut) ?? 0));
    texts.clientErrors.set(http ? count(responses[3]) : NONE);
    texts.serverErrors.set(http ? count(responses[4]) : NONE);
    texts.bad.set(http ? count(frontend.badRequests) : NONE);
  }

  drop(): void {
    this.#spark.drop();
  }
}

export class Frontends {
  readonly #table = new Table('Frontends', COLUMNS);
  readonly #rows = new Map<string, FrontendRow>();
  #names = '';

  constructor() {
    byId('frontends').append(element('div', { class: 'scroll' }, this.#table.node));
  }

  show({ proxies, wallMs }: ShownStatus): void {
    const shown = proxies.flatMap(({ name, frontend }) => (frontend === null ? [] : [{ name, frontend }]));
    this.#setRows(shown.map(({ name }) => name));
    for (const { name, frontend } of shown) this.#rows.get(name)?.show(frontend, wallMs);
    byId('frontends').hidden = shown.length === 0;
  }

  /** After a reload there may be others. */
  #setRows(names: readonly string[]): void {
    const key = names.join('\n');
    if (key === this.#names) return;
    this.#names = key;
    for (const row of this.#rows.values()) row.drop();
    this.#rows.clear();
    this.#table.clear();
    for (const name of names) this.#rows.set(name, new FrontendRow(this.#table, name));
  }
}
