/** One virtual server: a line that says how it is, and its servers below, as long as it is open. */
import { figuresOfAll, realServerAddress } from '../../../admin/l4-states.ts';
import { SteppedRate } from '../../../admin/stepped-rate.ts';
import type { ShownRealServer, ShownVirtualServer } from '../shown-virtual-server.ts';
import { Fold } from './fold.ts';
import { bytesPerSecond, count, perSecond } from './format.ts';
import { REAL_SERVER_COLUMNS, type RealServerChangeWish, RealServerRow } from './real-server-row.ts';
import { BUTTONS_COLUMN } from './server-row.ts';
import { ServerRows } from './server-rows.ts';
import { Spark } from './spark.ts';
import { Table } from './table.ts';
import { quorumText, realServersText, virtualServerWord } from './words.ts';

const FACTS = ['Connections', 'Active', 'In', 'Out'] as const;

export class VirtualServerCard {
  readonly name: string;
  readonly #spark = new Spark();
  readonly #fold: Fold<(typeof FACTS)[number]>;
  readonly #rates = { connections: new SteppedRate(), in: new SteppedRate(), out: new SteppedRate() };
  readonly #rows: ServerRows<ShownRealServer>;

  /** `change`: null: nobody may. */
  constructor(name: string, at: number, change: RealServerChangeWish | null) {
    this.name = name;
    this.#fold = new Fold({
      ...{ name, label: `Virtual server ${name}`, id: `real-${at}`, mark: 'data-virtual', facts: FACTS },
      spark: this.#spark.node,
      opened: (isOpen) => this.#rows.opened(isOpen),
    });
    const columns = [...REAL_SERVER_COLUMNS, ...(change === null ? [] : [BUTTONS_COLUMN])];
    this.#rows = new ServerRows({
      fold: this.#fold,
      keyOf: (server) => `${realServerAddress(server)} ${server.forwarding}`,
      table: () => new Table(`Servers of ${name}`, columns),
      row: (table, server) => new RealServerRow(table, server, change),
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
    this.#spark.push(wallMs, rate);
    fold.tell(virtualServerWord(virtual), realServersText(virtual), quorumText(virtual));
    fold.fact('Connections', perSecond(rate));
    fold.fact('Active', count(active));
    fold.fact('In', bytesPerSecond(rates.in.look(wallMs, requestBytes)));
    fold.fact('Out', bytesPerSecond(rates.out.look(wallMs, replyBytes)));
    this.#rows.show(servers, wallMs);
  }

  drop(): void {
    this.#spark.drop();
    this.#rows.clear();
  }
}
