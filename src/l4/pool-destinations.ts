/**
 * What is left of a virtual server for the kernel, by what is known of its servers:
 *
 *                       in the pool     inhibit_on_failure    otherwise
 *   up                  its weight
 *   down                                weight 0              not there
 *   up, without quorum
 *   where a sorry server is             weight 0              not there
 *
 * The sorry server has weight 1 when it is needed, and with sorry_server_inhibit 0 when it is not.
 */
import type { RealServer, VirtualServer } from '../config/l4-model.ts';
import { destinationKey } from './pool-names.ts';
import type { Destination } from './service.ts';

export interface ServerStanding {
  readonly key: string;
  readonly model: RealServer;
  readonly isUp: boolean;
  /** While it is up. */
  readonly weight: number;
}

export function destinationsOf(
  { sorryServer }: VirtualServer,
  servers: readonly ServerStanding[],
  needsSorry: boolean,
): readonly Destination[] {
  const destinations = servers.flatMap((server) => destinationOf(server, needsSorry && sorryServer !== null) ?? []);
  if (sorryServer === null || (!needsSorry && !sorryServer.inhibits)) return destinations;
  const { address, forwarding } = sorryServer;
  const key = destinationKey(address);
  const weight = needsSorry ? 1 : 0;
  // It may be one of the real servers: then it is there once, as what it is needed as.
  if (!needsSorry && destinations.some((one) => one.key === key)) return destinations;
  const sorry = { key, address, weight, upperThreshold: 0, lowerThreshold: 0, forwarding };
  return [...destinations.filter((one) => one.key !== key), sorry];
}

function destinationOf({ key, model, isUp, weight }: ServerStanding, isReplaced: boolean): Destination | null {
  const { address, upperThreshold, lowerThreshold, forwarding, inhibitOnFailure } = model;
  const isIn = isUp && !isReplaced;
  if (!isIn && !inhibitOnFailure) return null;
  return { key, address, weight: isIn ? weight : 0, upperThreshold, lowerThreshold, forwarding };
}
