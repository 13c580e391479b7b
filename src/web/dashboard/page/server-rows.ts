/** The servers of a card as rows of a table: there as long as the card is open, made anew when they are others than before. */
import { element } from './element.ts';
import type { Table } from './table.ts';

export interface Row<Shown> {
  show(server: Shown, wallMs: number): void;
  drop(): void;
}

export interface ServerRowsSetup<Shown> {
  /** Of the card. */
  readonly fold: { readonly isOpen: boolean; readonly place: HTMLElement };
  /** Who has another one is another server. */
  readonly keyOf: (server: Shown) => string;
  readonly table: () => Table;
  readonly row: (table: Table, server: Shown) => Row<Shown>;
}

export class ServerRows<Shown> {
  readonly #setup: ServerRowsSetup<Shown>;
  readonly #rows: Row<Shown>[] = [];
  #keys = '';
  #last: { readonly servers: readonly Shown[]; readonly wallMs: number } | null = null;

  constructor(setup: ServerRowsSetup<Shown>) {
    this.#setup = setup;
  }

  show(servers: readonly Shown[], wallMs: number): void {
    this.#last = { servers, wallMs };
    if (this.#setup.fold.isOpen) this.#showAll(servers, wallMs);
  }

  opened(isOpen: boolean): void {
    if (!isOpen) this.clear();
    else if (this.#last !== null) this.#showAll(this.#last.servers, this.#last.wallMs);
  }

  clear(): void {
    for (const row of this.#rows) row.drop();
    this.#rows.length = 0;
    this.#keys = '';
    this.#setup.fold.place.replaceChildren();
  }

  #showAll(servers: readonly Shown[], wallMs: number): void {
    const keys = servers.map(this.#setup.keyOf).join('\n');
    if (keys !== this.#keys) this.#build(servers, keys);
    for (const [at, server] of servers.entries()) this.#rows[at]?.show(server, wallMs);
  }

  #build(servers: readonly Shown[], keys: string): void {
    const { fold, table: newTable, row } = this.#setup;
    this.clear();
    if (servers.length === 0) return;
    this.#keys = keys;
    const table = newTable();
    for (const server of servers) this.#rows.push(row(table, server));
    fold.place.append(element('div', { class: 'scroll' }, table.node));
  }
}
