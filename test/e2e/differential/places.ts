/**
 * Where everybody is. Both programs run on the same file, one after the other, so that addresses, of which hashes are made,
 * are the same: what tells worlds and servers apart is the address on loopback.
 *
 *   127.30.W.1  frontend of world W        127.31.W.S  its server S        127.32.W.C  its client C
 */
import { createServer } from 'node:net';

export interface Places {
  readonly folder: string;
  readonly frontends: number;
  readonly servers: number;
  readonly checks: number;
  /** Nobody listens there. */
  readonly nobody: number;
  /** Log lines of world W go to this one + W. */
  readonly logs: number;
}

/** Worlds of one configuration file. */
export const WORLDS_AT_MOST = 100;
const FIRST = 27_000;
const LAST = 28_499;

export const frontendAddress = (world: number): string => `127.30.${world}.1`;
export const serverAddress = (world: number, server: number): string => `127.31.${world}.${server + 1}`;
export const clientAddress = (world: number, client: number): string => `127.32.${world}.${client}`;
export const frontendSocket = (places: Places, world: number): string => `${places.folder}/f${world}.sock`;
export const serverSocket = (places: Places, world: number, server: number): string =>
  `${places.folder}/s${world}-${server}.sock`;

/** World and server of an address that a server was reached at. */
export function serverAt(address: string): { world: number; server: number } {
  const [, , world, server] = address.split('.');
  return { world: Number(world), server: Number(server) - 1 };
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
  });
}

/** Ports below those that the kernel gives to connections, so that none of these takes one in between. */
export async function findPlaces(folder: string): Promise<Places> {
  const found: number[] = [];
  for (let port = FIRST; port <= LAST - WORLDS_AT_MOST && found.length < 4; port++) {
    if (await isFree(port)) found.push(port);
  }
  const [frontends, servers, checks, nobody] = found;
  if (frontends === undefined || servers === undefined || checks === undefined || nobody === undefined)
    throw new Error(`no free ports from ${FIRST} to ${LAST}`);
  return { folder, frontends, servers, checks, nobody, logs: LAST + 1 - WORLDS_AT_MOST };
}
