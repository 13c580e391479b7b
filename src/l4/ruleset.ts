/**
 * Services → tables of nftables of our own, and text for `nft -f -`. Nothing else's table is touched.
 *
 *   inet tandem     servers with NAT, services without any      ruleset-nat.ts, ruleset-refused.ts
 *   netdev tandem   servers with DR                             ruleset-direct.ts
 *
 * What one service adds is a piece, made once for each L4Service object: among thousands only those that changed are made anew.
 * Not here: running nft (ruleset-keeper.ts), reading counters (traffic.ts), shares of connections (shares.ts).
 */
import { changeText, type NftTable, removalText, wholeTexts } from './nft-table.ts';
import { DIRECT_TABLE, type DirectLinks, type DirectPiece, directPiece, directTable } from './ruleset-direct.ts';
import { NAT_TABLE, type NatPiece, natPiece, natTable } from './ruleset-nat.ts';
import { refusedPlaces } from './ruleset-refused.ts';
import type { ServicePlaces } from './ruleset-services.ts';
import { ServerIds } from './server-ids.ts';
import type { L4Service } from './service.ts';

/** null: nothing is to be there. */
export interface Ruleset {
  readonly nat: NftTable | null;
  readonly direct: NftTable | null;
}

export const EMPTY: Ruleset = { nat: null, direct: null };

/** Numbers of servers that are gone are forgotten when there are so many times as many as of those that are there. */
const GONE_IDS = 4;
const FEW_IDS = 4096;

interface Pieces {
  readonly nat: NatPiece | null;
  readonly direct: DirectPiece | null;
  readonly refused: ServicePlaces | null;
}

export class Rulesets {
  #ids = new ServerIds();
  #nat = new WeakMap<L4Service, { readonly piece: NatPiece | null }>();
  #direct = new WeakMap<L4Service, { readonly piece: DirectPiece | null }>();
  readonly #refused = new WeakMap<L4Service, { readonly piece: ServicePlaces | null }>();
  #links: DirectLinks | null = null;

  of(services: readonly L4Service[], links: DirectLinks): Ruleset {
    this.#tidy(services);
    const nat: NatPiece[] = [];
    const direct: DirectPiece[] = [];
    const refused: ServicePlaces[] = [];
    for (const service of services) {
      const pieces = this.prepare(service, links);
      if (pieces.nat !== null) nat.push(pieces.nat);
      if (pieces.direct !== null) direct.push(pieces.direct);
      if (pieces.refused !== null) refused.push(pieces.refused);
    }
    return { nat: natTable(nat, refused), direct: directTable(direct, links) };
  }

  /** What takes time, service by service. */
  prepare(service: L4Service, links: DirectLinks): Pieces {
    if (this.#links !== links) {
      this.#links = links;
      this.#direct = new WeakMap();
    }
    return {
      nat: pieceOf(this.#nat, service, () => natPiece(service, this.#ids)),
      direct: pieceOf(this.#direct, service, () => directPiece(service, this.#ids, links)),
      refused: pieceOf(this.#refused, service, () => refusedPlaces(service)),
    };
  }

  #tidy(services: readonly L4Service[]): void {
    const servers = services.reduce((sum, { destinations }) => sum + destinations.length, 0);
    if (this.#ids.size <= FEW_IDS + GONE_IDS * servers) return;
    this.#ids = new ServerIds();
    this.#nat = new WeakMap();
    this.#direct = new WeakMap();
  }
}

function pieceOf<Piece>(
  cache: WeakMap<L4Service, { readonly piece: Piece }>,
  service: L4Service,
  make: () => Piece,
): Piece {
  const known = cache.get(service);
  if (known !== undefined) return known.piece;
  const piece = make();
  cache.set(service, { piece });
  return piece;
}

export function rulesetOf(services: readonly L4Service[], links: DirectLinks): Ruleset {
  return new Rulesets().of(services, links);
}

/** The whole, in place of whatever is there of ours; in pieces, as it is long. */
export function* rulesetTexts({ nat, direct }: Ruleset): Generator<string> {
  if (nat === null) yield `${removalText(NAT_TABLE)}\n`;
  else yield* wholeTexts(nat);
  if (direct === null) yield `${removalText(DIRECT_TABLE)}\n`;
  else yield* wholeTexts(direct);
}

export function rulesetText(ruleset: Ruleset): string {
  return [...rulesetTexts(ruleset)].join('');
}

/** What makes `after` of `before`; '': they are the same. It fails whole if somebody else changed our tables. */
export function rulesetChange(before: Ruleset, after: Ruleset): string {
  return `${tableChange(before.nat, after.nat, NAT_TABLE)}${tableChange(before.direct, after.direct, DIRECT_TABLE)}`;
}

/** Takes all of it away. */
export function rulesetRemoval(): string {
  return rulesetText(EMPTY);
}

function tableChange(before: NftTable | null, after: NftTable | null, name: string): string {
  if (before !== null && after !== null) return changeText(before, after);
  if (after !== null) return [...wholeTexts(after)].join('');
  return before === null ? '' : `${removalText(name)}\n`;
}
