/** One virtual server: a line that says how it is, and its servers below, as long as it is open. */
import { figuresOfAll, realServerAddress } from '../../../admin/l4-states.ts';
import { SteppedRate } from '../../../admin/stepped-rate.ts';
import type { ShownRealServer, ShownVirtualServer } from '../shown-virtual-server.ts';
import { element } from './element.ts';
import { Fold } from './fold.ts';
import { bytesPerSecond, count, perSecond } from './format.ts';
import { REAL_SERVER_COLUMNS, type RealServerChangeWish, RealServerRow } from './real-server-row.ts';
import { BUTTONS_COLUMN } from './server-row.ts';
import { Spark } from './spark.ts';
import { Table } from './table.ts';
import { quorumText, realServersText, virtualServerWord } from './words.ts';

const FACTS = ['Connections', 'Active', 'In', 'Out'] as const;

export class VirtualServerCard {
  readonly name: string;
  readonly #spark = new Spark();
  readonly #fold: Fold<(typeof FACTS)[number]>;
  readonly #rates = { connections: new SteppedRate(), in: new SteppedRate(), out: new SteppedRate() };
  readonly #change: RealServerChangeWish | null;
  readonly #rows: RealServerRow[] = [];
  #names = '';
  #last: { readonly servers: readonly ShownRealServer[]; readonly wallMs: number } | null = null;

  /** `change`: null: nobody may. */
  constructor(name: string, at: number, change: RealServerChangeWish | null) {
    this.name = name;
    this.#change = change;
    this.#fold = new Fold({
      ...{ name, label: `Virtual server ${name}`, id: `real-${at}`, mark: 'data-virtual', facts: FACTS },
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

  show(virtual: ShownVirtualServer, wallMs: number): void {
    const { servers } = virtual;
    const fold = this.#fold;
    const rates = this.#rates;
    const { connections, active, requestBytes, replyBytes } = figuresOfAll(servers);
    const rate = rates.connections.look(wallMs, connections);
    this.#last = { servers, wallMs };
    this.#spark.push(wallMs, rate);
    fold.tell(virtualServerWord(virtual), realServersText(virtual), quorumText(virtual));
    fold.fact('Connections', perSecond(rate));
    fold.fact('Active', count(active));
    fold.fact('In', bytesPerSecond(rates.in.look(wallMs, requestBytes)));
    fold.fact('Out', bytesPerSecond(rates.out.look(wallMs, replyBytes)));
    if (fold.isOpen) this.#showServers(servers, wallMs);
  }

  drop(): void {
    this.#spark.drop();
    this.#clear();
  }

  #opened(isOpen: boolean): void {
    if (!isOpen) this.#clear();
    else if (this.#last !== null) this.#showServers(this.#last.servers, this.#last.wallMs);
  }

  #showServers(servers: readonly ShownRealServer[], wallMs: number): void {
    const names = servers.map((server) => `${realServerAddress(server)} ${server.forwarding}`).join('\n');
    if (names !== this.#names) this.#build(servers, names);
    for (const [at, server] of servers.entries()) this.#rows[at]?.show(server, wallMs);
  }

  #build(servers: readonly ShownRealServer[], names: string): void {
    this.#clear();
    this.#names = names;
    const change = this.#change;
    const buttons = change === null ? [] : [BUTTONS_COLUMN];
    const table = new Table(`Servers of ${this.name}`, [...REAL_SERVER_COLUMNS, ...buttons]);
    for (const server of servers) this.#rows.push(new RealServerRow(table, server, change));
    this.#fold.place.append(element('div', { class: 'scroll' }, table.node));
  }

  #clear(): void {
    for (const row of this.#rows) row.drop();
    this.#rows.length = 0;
    this.#names = '';
    this.#fold.place.replaceChildren();
  }
}
