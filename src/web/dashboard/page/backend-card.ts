/** One backend: a line that says how it is, and its servers below, as long as it is open. */
import type { ShownBackend, ShownServer } from '../shown.ts';
import { element } from './element.ts';
import { Fold } from './fold.ts';
import { count, duration, ofLimit, perSecond } from './format.ts';
import { BUTTONS_COLUMN, type ChangeWish, SERVER_COLUMNS, ServerRow } from './server-row.ts';
import { Spark } from './spark.ts';
import { Table } from './table.ts';
import { backendWord, serversText } from './words.ts';

const FACTS = ['Rate', 'Sessions', 'Queue', '5xx', 'Errors', 'Retries'] as const;

export class BackendCard {
  readonly name: string;
  readonly #change: ((backend: string) => ChangeWish) | null;
  readonly #spark = new Spark();
  readonly #fold: Fold<(typeof FACTS)[number]>;
  readonly #rows: ServerRow[] = [];
  #names = '';
  #last: { readonly backend: ShownBackend; readonly wallMs: number } | null = null;

  /** `change`: null: nobody may. */
  constructor(name: string, at: number, change: ((backend: string) => ChangeWish) | null) {
    this.name = name;
    this.#change = change;
    this.#fold = new Fold({
      ...{ name, label: `Backend ${name}`, id: `servers-${at}`, mark: 'data-backend', facts: FACTS },
      spark: this.#spark.node,
      opened: (isOpen) => this.#opened(isOpen),
    });
  }

  get node(): HTMLElement {
    return this.#fold.node;
  }

  open(isOpen: boolean): void {
    this.#fold.open(isOpen);
  }

  show({ backend }: { readonly backend: ShownBackend }, wallMs: number): void {
    this.#last = { backend, wallMs };
    const fold = this.#fold;
    const since = `${backend.algorithm}, for ${duration(wallMs - backend.sinceMs)}`;
    fold.tell(backendWord(backend), serversText(backend), since);
    this.#spark.push(wallMs, backend.rate.now);
    fold.fact('Rate', perSecond(backend.rate.now));
    fold.fact('Sessions', ofLimit(backend.sessions, backend.limit));
    fold.fact('Queue', count(backend.queued + backend.servers.reduce((sum, { queued }) => sum + queued, 0)));
    fold.fact('5xx', count(backend.responses[4]));
    fold.fact('Errors', count(backend.connectErrors + backend.responseErrors));
    fold.fact('Retries', count(backend.retries + backend.redispatches));
    if (fold.isOpen) this.#showServers(backend.servers, wallMs);
  }

  drop(): void {
    this.#spark.drop();
    this.#clear();
  }

  #opened(isOpen: boolean): void {
    if (!isOpen) this.#clear();
    else if (this.#last !== null) this.#showServers(this.#last.backend.servers, this.#last.wallMs);
  }

  #showServers(servers: readonly ShownServer[], wallMs: number): void {
    const names = servers.map(({ name }) => name).join('\n');
    if (names !== this.#names || this.#rows.length === 0) this.#build(servers, names);
    for (const [at, server] of servers.entries()) this.#rows[at]?.show(server, wallMs);
  }

  #build(servers: readonly ShownServer[], names: string): void {
    this.#clear();
    if (servers.length === 0) return;
    this.#names = names;
    const change = this.#change?.(this.name) ?? null;
    const table = new Table(`Servers of ${this.name}`, [
      ...SERVER_COLUMNS,
      ...(change === null ? [] : [BUTTONS_COLUMN]),
    ]);
    for (const { name, isBackup } of servers) this.#rows.push(new ServerRow(table, name, isBackup, change));
    this.#fold.place.append(element('div', { class: 'scroll' }, table.node));
  }

  #clear(): void {
    for (const row of this.#rows) row.drop();
    this.#rows.length = 0;
    this.#names = '';
    this.#fold.place.replaceChildren();
  }
}
