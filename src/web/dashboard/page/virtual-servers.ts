/** What the kernel balances. */
import { realServerAddress } from '../../../admin/l4-states.ts';
import type { ShownStatus } from '../shown.ts';
import type { ShownVirtualServer } from '../shown-virtual-server.ts';
import { CardList } from './card-list.ts';
import { plural } from './format.ts';
import type { RealServerChangeWish } from './real-server-row.ts';
import { VirtualServerCard } from './virtual-server-card.ts';
import { isUnwell, virtualServerWord } from './words.ts';

export class VirtualServers {
  readonly #cards: CardList<ShownVirtualServer>;
  #mayChange = false;

  constructor(change: (virtual: string) => RealServerChangeWish) {
    this.#cards = new CardList({
      section: 'virtual-servers',
      make: ({ name }, at) => new VirtualServerCard(name, at, this.#mayChange ? change(name) : null),
      name: ({ name }) => name,
      servers: ({ servers }) => servers.length,
      words: ({ name, places, servers }) => [name, ...places, ...servers.map(realServerAddress)],
      isUnwell: (virtual) => isUnwell(virtualServerWord(virtual)),
      tally: (virtual, servers) => `${virtual}, with ${plural(servers, 'server')}`,
    });
  }

  show({ virtualServers, wallMs }: ShownStatus, mayChange: boolean): void {
    this.#mayChange = mayChange;
    this.#cards.show(virtualServers, wallMs, mayChange ? 'with buttons' : '');
  }
}
