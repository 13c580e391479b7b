/** All backends. */
import type { ShownBackend, ShownStatus } from '../shown.ts';
import { BackendCard } from './backend-card.ts';
import { CardList } from './card-list.ts';
import { plural } from './format.ts';
import type { ChangeWish } from './server-row.ts';
import { backendWord, isUnwell } from './words.ts';

interface NamedBackend {
  readonly name: string;
  readonly backend: ShownBackend;
}

export class Backends {
  readonly #cards: CardList<NamedBackend>;
  #mayChange = false;

  constructor(change: (backend: string) => ChangeWish) {
    this.#cards = new CardList({
      section: 'backends',
      make: ({ name }, at) => new BackendCard(name, at, this.#mayChange ? change : null),
      name: ({ name }) => name,
      servers: ({ backend }) => backend.servers.length,
      words: wordsOf,
      isUnwell: ({ backend }) => isUnwell(backendWord(backend)),
      tally: (backends, servers) => `${backends}, with ${plural(servers, 'server')}`,
    });
  }

  show({ proxies, wallMs }: ShownStatus, mayChange: boolean): void {
    this.#mayChange = mayChange;
    const shown = proxies.flatMap(({ name, backend }) => (backend === null ? [] : [{ name, backend }]));
    this.#cards.show(shown, wallMs, mayChange ? 'with buttons' : '');
  }
}

function* wordsOf({ name, backend }: NamedBackend): Iterable<string> {
  yield name;
  for (const server of backend.servers) {
    yield server.name;
    if (server.host !== null) yield server.host;
  }
}
