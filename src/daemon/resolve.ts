/**
 * Host names of servers to addresses, once, at start, by the system's resolver (getaddrinfo through Node: /etc/hosts, DNS,
 * whatever nsswitch.conf says). All names are asked at the same time.
 *
 * Not here: asking again while running.
 */
import { lookup } from 'node:dns/promises';
import type { InitialAddress, Model, Origin } from '../config/model.ts';
import type { Problem } from '../core/problem.ts';
import { asksResolver, initialPlace } from './initial-address.ts';

const LIBC: readonly InitialAddress[] = [{ kind: 'libc' }];
const NONE: InitialAddress = { kind: 'none' };

export interface HostAddress {
  readonly family: 4 | 6;
  readonly ip: string;
}

export type Lookup = (name: string) => Promise<HostAddress>;

export interface Resolution {
  /** By name as written; a name that nobody knows is missing. */
  readonly addresses: ReadonlyMap<string, HostAddress>;
  readonly problems: readonly Problem[];
}

export const systemLookup: Lookup = async (name) => {
  const { address, family } = await lookup(name, { order: 'verbatim' });
  return { ip: address, family: family === 6 ? 6 : 4 };
};

/** `tolerate`: a name that nobody knows is a warning, its server waits in maintenance (HAProxy's -dr). */
export async function resolveNames(model: Model, ask: Lookup, tolerate: boolean): Promise<Resolution> {
  const wanted = namesOf(model);
  const addresses = new Map<string, HostAddress>();
  const resolveOne = async (name: string): Promise<void> => {
    try {
      addresses.set(name, await ask(name));
    } catch {
      // What follows depends on who asked.
    }
  };
  const asked = wanted.filter(({ methods }) => asksResolver(methods));
  await Promise.all([...new Set(asked.map(({ name }) => name))].map(resolveOne));
  return { addresses, problems: wanted.flatMap((one) => problemOf(one, addresses, tolerate)) };
}

function problemOf(
  { name, methods, server, origin }: Wanted,
  addresses: ReadonlyMap<string, HostAddress>,
  tolerate: boolean,
): Problem[] {
  const { trouble } = initialPlace(
    name,
    tolerate ? [...(methods.length === 0 ? LIBC : methods), NONE] : methods,
    addresses,
  );
  const place = { code: 'unknown-host', file: origin.file, line: origin.line, column: 1 };
  const about = `'server ${server}' : could not resolve address '${name}'`;
  switch (trouble) {
    case 'nothing':
      return [];
    case 'unknown, so disabled':
      return [{ severity: 'warning', ...place, message: `${about}, disabling server.` }];
    case 'unknown, so another one':
      return [{ severity: 'warning', ...place, message: `${about}, falling back to configured address.` }];
    case 'unknown':
      return [{ severity: 'error', ...place, message: `${about}.` }];
    case 'no way':
      return [
        { severity: 'error', ...place, message: `'server ${server}' : no method found to resolve address '${name}'.` },
      ];
  }
}

interface Wanted {
  readonly name: string;
  readonly methods: readonly InitialAddress[];
  readonly server: string;
  readonly origin: Origin;
}

function namesOf(model: Model): Wanted[] {
  const wanted: Wanted[] = [];
  for (const proxy of model.proxies) {
    if (proxy.disabled) continue;
    const places = proxy.checkMethod.rules.flatMap((rule) => (rule.kind === 'connect' ? (rule.address ?? []) : []));
    for (const { address, check, initialAddress, name, origin } of proxy.servers) {
      const server = `${proxy.name}/${name}`;
      if (address.kind === 'name') wanted.push({ name: address.host, methods: initialAddress, server, origin });
      if (check.address !== null && !isLiteral(check.address))
        wanted.push({ name: check.address, methods: LIBC, server, origin });
      if (!check.enabled) continue;
      for (const { kind, host } of places)
        if (kind === 'name') wanted.push({ name: host, methods: LIBC, server, origin });
    }
  }
  return wanted;
}

function isLiteral(host: string): boolean {
  return /^[\d.]+$/.test(host) || host.includes(':') || host.startsWith('/') || host.startsWith('@');
}
