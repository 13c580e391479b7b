/** One backend: a line that says how it is, and its servers below, as long as it is open. */
import type { ShownBackend, ShownServer } from '../shown.ts';
import { element, LiveAttribute, LiveText } from './element.ts';
import { count, duration, ofLimit, perSecond } from './format.ts';
import { BUTTONS_COLUMN, type ChangeWish, SERVER_COLUMNS, ServerRow } from './server-row.ts';
import { Spark } from './spark.ts';
import { StateSign } from './state-sign.ts';
import { Table } from './table.ts';
import { backendWord, serversText } from './words.ts';

const FACTS = ['Rate', 'Sessions', 'Queue', '5xx', 'Errors', 'Retries'] as const;

type Fact = (typeof FACTS)[number];

export class BackendCard {
  readonly node: HTMLElement;
  readonly name: string;
  readonly #change: ((backend: string) => ChangeWish) | null;
  readonly #state = new StateSign();
  readonly #spark = new Spark();
  readonly #summary = new LiveText();
  readonly #since = new LiveText();
  readonly #facts = new Map<Fact, LiveText>();
  readonly #expanded: LiveAttribute;
  readonly #place = element('div', { class: 'servers' });
  readonly #rows: ServerRow[] = [];
  #names = '';
  #isOpen = false;
  #last: { readonly backend: ShownBackend; readonly wallMs: number } | null = null;

  /** `change`: null: nobody may. */
  constructor(name: string, at: number, change: ((backend: string) => ChangeWish) | null) {
    this.name = name;
    this.#change = change;
    const facts = element('dl', { class: 'facts' });
    for (const fact of FACTS) {
      const value = new LiveText();
      this.#facts.set(fact, value);
      const spark = fact === 'Rate' ? [this.#spark.node] : [];
      facts.append(element('div', {}, element('dt', {}, fact), element('dd', {}, ...spark, value.node)));
    }
    const place = `servers-${at}`;
    this.#place.id = place;
    const toggle = element(
      'button',
      { type: 'button', class: 'toggle', 'aria-controls': place },
      element('span', { class: 'arrow', 'aria-hidden': 'true' }),
      element('span', { class: 'name' }, name),
    );
    this.#expanded = new LiveAttribute(toggle, 'aria-expanded');
    toggle.addEventListener('click', () => this.open(!this.#isOpen));
    const told = element('p', { class: 'told' }, this.#state.node);
    told.append(' ', element('span', { class: 'quiet' }, this.#summary.node, ' · ', this.#since.node));
    this.node = element(
      'section',
      { class: 'backend', 'data-backend': name, 'aria-label': `Backend ${name}` },
      element('div', { class: 'head' }, element('h3', {}, toggle), told, facts),
      this.#place,
    );
    this.open(false);
  }

  open(isOpen: boolean): void {
    this.#isOpen = isOpen;
    this.#expanded.set(String(isOpen));
    this.#place.hidden = !isOpen;
    if (!isOpen) this.#clear();
    else if (this.#last !== null) this.#showServers(this.#last.backend.servers, this.#last.wallMs);
  }

  show(backend: ShownBackend, wallMs: number): void {
    this.#last = { backend, wallMs };
    const fact = (name: Fact, text: string): void => this.#facts.get(name)?.set(text);
    this.#state.show(backendWord(backend));
    this.#summary.set(serversText(backend));
    this.#since.set(`${backend.algorithm}, for ${duration(wallMs - backend.sinceMs)}`);
    this.#spark.push(wallMs, backend.rate.now);
    fact('Rate', perSecond(backend.rate.now));
    fact('Sessions', ofLimit(backend.sessions, backend.limit));
    fact('Queue', count(backend.queued + backend.servers.reduce((sum, { queued }) => sum + queued, 0)));
    fact('5xx', count(backend.responses[4]));
    fact('Errors', count(backend.connectErrors + backend.responseErrors));
    fact('Retries', count(backend.retries + backend.redispatches));
    if (this.#isOpen) this.#showServers(backend.servers, wallMs);
  }

  drop(): void {
    this.#spark.drop();
    this.#clear();
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
    this.#place.append(element('div', { class: 'scroll' }, table.node));
  }

  #clear(): void {
    for (const row of this.#rows) row.drop();
    this.#rows.length = 0;
    this.#names = '';
    this.#place.replaceChildren();
  }
}
