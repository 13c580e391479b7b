/** All backends, or those that somebody looks for. Where there are many they are closed until asked for, but for those in trouble. */
import type { ShownBackend, ShownStatus } from '../shown.ts';
import { BackendCard } from './backend-card.ts';
import { byId, LiveText, within } from './element.ts';
import { plural } from './format.ts';
import type { ChangeWish } from './server-row.ts';
import { backendWord } from './words.ts';

/** Up to so many servers are shown at once. */
const OPEN_SERVERS = 60;
/** In trouble or not: a page of everything helps nobody. */
const OPEN_TROUBLES = 8;

export class Backends {
  readonly #list = within(byId('backends'), '.list');
  readonly #nothing = within(byId('backends'), '.nothing');
  readonly #tally = new LiveText();
  readonly #change: (backend: string) => ChangeWish;
  #cards: readonly BackendCard[] = [];
  #names = '';
  #mayChange = false;
  #isFiltered = false;

  constructor(change: (backend: string) => ChangeWish) {
    this.#change = change;
    byId('tally').append(this.#tally.node);
    byId('find').addEventListener('input', () => this.#filter());
    byId('only').addEventListener('change', () => this.#filter());
  }

  show({ proxies, wallMs }: ShownStatus, mayChange: boolean): void {
    const shown = proxies.flatMap(({ name, backend }) => (backend === null ? [] : [{ name, backend }]));
    const names = shown.map(({ name }) => name).join('\n');
    if (names !== this.#names || mayChange !== this.#mayChange) {
      this.#names = names;
      this.#mayChange = mayChange;
      this.#build(shown);
    }
    for (const [at, { backend }] of shown.entries()) this.#cards[at]?.show(backend, wallMs);
    const servers = shown.reduce((sum, { backend }) => sum + backend.servers.length, 0);
    this.#tally.set(`${shown.length}, with ${plural(servers, 'server')}`);
    this.#shown = shown;
    this.#filter();
    byId('backends').hidden = shown.length === 0;
  }

  #shown: readonly { readonly name: string; readonly backend: ShownBackend }[] = [];

  #build(shown: readonly { readonly name: string; readonly backend: ShownBackend }[]): void {
    for (const card of this.#cards) card.drop();
    this.#cards = shown.map(({ name }, at) => new BackendCard(name, at, this.#mayChange ? this.#change : null));
    this.#list.replaceChildren(...this.#cards.map(({ node }) => node));
    const isSmall = shown.reduce((sum, { backend }) => sum + backend.servers.length, 0) <= OPEN_SERVERS;
    let troubles = 0;
    for (const [at, { backend }] of shown.entries()) {
      const isTrouble = isUnwell(backend) && troubles++ < OPEN_TROUBLES;
      if (isSmall || isTrouble) this.#cards[at]?.open(true);
    }
  }

  #filter(): void {
    const find = byId('find');
    const only = byId('only');
    const wanted = find instanceof HTMLInputElement ? find.value.trim().toLowerCase() : '';
    const unwell = only instanceof HTMLInputElement && only.checked;
    if (wanted === '' && !unwell && !this.#isFiltered) return;
    this.#isFiltered = wanted !== '' || unwell;
    let shown = 0;
    for (const [at, { name, backend }] of this.#shown.entries()) {
      const fits = (text: string | null): boolean => text?.toLowerCase().includes(wanted) ?? false;
      const isFound = fits(name) || backend.servers.some((server) => fits(server.name) || fits(server.host));
      const isShown = isFound && (!unwell || isUnwell(backend));
      const node = this.#cards[at]?.node;
      if (node !== undefined && node.hidden === isShown) node.hidden = !isShown;
      if (isShown) shown++;
    }
    this.#nothing.hidden = shown > 0;
  }
}

function isUnwell(backend: ShownBackend): boolean {
  const { tone } = backendWord(backend);
  return tone === 'bad' || tone === 'warn';
}
