/** One backend: a line that says how it is, and its servers below, as long as it is open. */
import type { ShownBackend, ShownServer } from '../shown.ts';
import { Fold } from './fold.ts';
import { count, duration, ofLimit, perSecond } from './format.ts';
import { BUTTONS_COLUMN, type ChangeWish, SERVER_COLUMNS, ServerRow } from './server-row.ts';
import { ServerRows } from './server-rows.ts';
import { Spark } from './spark.ts';
import { Table } from './table.ts';
import { backendWord, serversText } from './words.ts';

const FACTS = ['Rate', 'Sessions', 'Queue', '5xx', 'Errors', 'Retries'] as const;

export class BackendCard {
  readonly name: string;
  readonly #spark = new Spark();
  readonly #fold: Fold<(typeof FACTS)[number]>;
  readonly #rows: ServerRows<ShownServer>;

  /** `change`: null: nobody may. */
  constructor(name: string, at: number, change: ((backend: string) => ChangeWish) | null) {
    this.name = name;
    this.#fold = new Fold({
      ...{ name, label: `Backend ${name}`, id: `servers-${at}`, mark: 'data-backend', facts: FACTS },
      spark: this.#spark.node,
      opened: (isOpen) => this.#rows.opened(isOpen),
    });
    const wish = change?.(name) ?? null;
    const columns = [...SERVER_COLUMNS, ...(wish === null ? [] : [BUTTONS_COLUMN])];
    this.#rows = new ServerRows({
      fold: this.#fold,
      keyOf: (server) => server.name,
      table: () => new Table(`Servers of ${name}`, columns),
      row: (table, server) => new ServerRow(table, server.name, server.isBackup, wish),
    });
  }

  get node(): HTMLElement {
    return this.#fold.node;
  }

  open(isOpen: boolean): void {
    this.#fold.open(isOpen);
  }

  show({ backend }: { readonly backend: ShownBackend }, wallMs: number): void {
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
    this.#rows.show(backend.servers, wallMs);
  }

  drop(): void {
    this.#spark.drop();
    this.#rows.clear();
  }
}
