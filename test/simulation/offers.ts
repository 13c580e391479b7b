/** Idle connections that threads have left to each other: how many there are, and their end with the last thread. */
import type { Plan } from '../../src/proxy/plan.ts';
import * as State from '../../src/proxy/shared-state.ts';
import type { Network } from './network.ts';
import { serversOf } from './plan-facts.ts';

export function offersOf(shared: State.SharedState, row: number): number {
  let offers = 0;
  for (let i = 0; i < State.SERVER_OFFER_COUNT; i++) if (shared.get(row + State.SERVER_OFFERS + i) !== 0) offers++;
  return offers;
}

/** Those that have carried a single exchange. */
export function freshOffersOf(shared: State.SharedState, row: number): number {
  let fresh = 0;
  for (let i = 0; i < State.SERVER_OFFER_COUNT; i++) if (isFresh(shared.get(row + State.SERVER_OFFERS + i))) fresh++;
  return fresh;
}

/** What nobody has taken. */
export function closeOffers(plan: Plan, shared: State.SharedState, network: Network): void {
  for (const { index } of serversOf(plan)) {
    const row = shared.server(index);
    for (let i = 0; i < State.SERVER_OFFER_COUNT; i++) {
      const offer = shared.exchange(row + State.SERVER_OFFERS + i, 0);
      if (offer === 0) continue;
      shared.add(row + State.SERVER_IDLE, -1);
      if (isFresh(offer)) shared.add(row + State.SERVER_IDLE_FRESH, -1);
      const wire = network.wireOf((offer >> 1) - 1);
      network.giveFd(wire.fd);
      wire.close(true);
    }
  }
}

/** Its lowest bit says that it has carried more than one exchange. */
function isFresh(offer: number): boolean {
  return offer !== 0 && (offer & 1) === 0;
}
