/** A pool as people and programs see it. */
import type { FirewallMark, L4Place, VirtualServer } from '../config/l4-model.ts';
import type { DestinationFigures } from './kernel.ts';
import { destinationKey, serverName } from './pool-names.ts';
import type { PoolServer } from './pool-server.ts';
import type { Destination, L4Service } from './service.ts';
import type { RealServerStatus, VirtualServerStatus } from './status.ts';
import { trafficComment } from './traffic.ts';

export interface PoolState {
  readonly servers: readonly PoolServer[];
  readonly service: L4Service;
  readonly weightUp: number;
  readonly hasQuorum: boolean;
  readonly needsSorry: boolean;
  readonly suspended: boolean;
}

const NO_FIGURES: DestinationFigures = {
  ...{ connections: 0, requestPackets: 0, requestBytes: 0, replyPackets: 0, replyBytes: 0 },
  ...{ active: 0, inactive: 0, isFull: false },
};

export function poolStatus(
  model: VirtualServer,
  state: PoolState,
  figures: ReadonlyMap<string, DestinationFigures>,
): VirtualServerStatus {
  const { weightUp, hasQuorum, needsSorry, suspended, service } = state;
  const { name, family, protocol, scheduler, persistence, quorum } = model;
  const figuresOf = (key: string) => figures.get(trafficComment(service.key, key)) ?? NO_FIGURES;
  const destinations = new Map(service.destinations.map((one) => [one.key, one]));
  const servers = state.servers.map((server) =>
    serverStatus(server, destinations.get(server.key), figuresOf(server.key)),
  );
  const sorry = sorryStatus(model, needsSorry, service, figuresOf);
  return {
    ...{ name, family, protocol, scheduler, quorum, weightUp, hasQuorum, suspended },
    places: [...model.places.map(placeText), ...model.marks.map(markText)],
    persistenceTimeoutS: persistence?.timeoutS ?? null,
    sorry: needsSorry && sorry !== null,
    servers: sorry === null ? servers : [...servers, sorry],
  };
}

function serverStatus(
  server: PoolServer,
  destination: Destination | undefined,
  figures: DestinationFigures,
): RealServerStatus {
  const { model, name, isUp, checks, held, ownWeight } = server;
  const { ip, port } = model.address;
  return {
    ...{ name, ip, port, forwarding: model.forwarding, isSorryServer: false, isUp, figures },
    ...{ held, ownWeight },
    configuredWeight: model.weight,
    weight: destination?.weight ?? server.weight,
    isBalanced: destination !== undefined,
    lastChangeMs: server.changedWallMs,
    checks: checks.map(({ model: { kind }, latest }) => ({
      ...{ kind, isUp: latest.isUp, why: latest.why, checkedMs: latest.checkedWallMs },
    })),
  };
}

/** Nobody checks it. null: there is none, or it is a real server, too. */
function sorryStatus(
  { sorryServer, realServers, protocol }: VirtualServer,
  isNeeded: boolean,
  { destinations }: L4Service,
  figuresOf: (key: string) => DestinationFigures,
): RealServerStatus | null {
  if (sorryServer === null) return null;
  const { address, forwarding } = sorryServer;
  const key = destinationKey(address);
  if (realServers.some((one) => destinationKey(one.address) === key)) return null;
  return {
    ...{ name: serverName(address, protocol), ip: address.ip, port: address.port, forwarding, isSorryServer: true },
    ...{ isUp: true, configuredWeight: 1, weight: isNeeded ? 1 : 0 },
    isBalanced: destinations.some((one) => one.key === key),
    ...{ held: null, ownWeight: null, lastChangeMs: null, checks: [], figures: figuresOf(key) },
  };
}

function placeText({ first, last, firstPort, lastPort }: L4Place): string {
  const port = firstPort === lastPort ? ` ${firstPort}` : '';
  return `${first === last ? first : `${first}-${last}`}${port}`;
}

function markText({ mark, family }: FirewallMark): string {
  return `fwmark ${mark}${family === null ? '' : family === 4 ? ' inet' : ' inet6'}`;
}
