/**
 * Host names of servers to addresses, once, at start, by the system's resolver (getaddrinfo through Node: /etc/hosts, DNS,
 * whatever nsswitch.conf says). All names are asked at the same time.
 *
 * Not here: asking again while running.
 */
import { lookup } from 'node:dns/promises';
import type { Model, Origin } from '../config/model.ts';
import type { Problem } from '../core/problem.ts';

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

/** `tolerate`: a name that nobody knows is a warning, its server stays down (HAProxy's -dr). */
export async function resolveNames(model: Model, ask: Lookup, tolerate: boolean): Promise<Resolution> {
  const wanted = namesOf(model);
  const addresses = new Map<string, HostAddress>();
  const failed = new Set<string>();
  const resolveOne = async (name: string): Promise<void> => {
    try {
      addresses.set(name, await ask(name));
    } catch {
      failed.add(name);
    }
  };
  await Promise.all([...new Set(wanted.map(({ name }) => name))].map(resolveOne));
  const problems = wanted
    .filter(({ name }) => failed.has(name))
    .map(({ name, server, origin }): Problem => {
      return {
        severity: tolerate ? 'warning' : 'error',
        code: 'unknown-host',
        file: origin.file,
        line: origin.line,
        column: 1,
        message: `'server ${server}' : could not resolve address '${name}'.`,
      };
    });
  return { addresses, problems };
}

interface Wanted {
  readonly name: string;
  readonly server: string;
  readonly origin: Origin;
}

function namesOf(model: Model): Wanted[] {
  const wanted: Wanted[] = [];
  for (const proxy of model.proxies) {
    if (proxy.disabled) continue;
    const places = proxy.checkMethod.rules.flatMap((rule) => (rule.kind === 'connect' ? (rule.address ?? []) : []));
    for (const { address, check, name, origin } of proxy.servers) {
      const server = `${proxy.name}/${name}`;
      if (address.kind === 'name') wanted.push({ name: address.host, server, origin });
      if (check.address !== null && !isLiteral(check.address)) wanted.push({ name: check.address, server, origin });
      if (!check.enabled) continue;
      for (const { kind, host } of places) if (kind === 'name') wanted.push({ name: host, server, origin });
    }
  }
  return wanted;
}

function isLiteral(host: string): boolean {
  return /^[\d.]+$/.test(host) || host.includes(':') || host.startsWith('/') || host.startsWith('@');
}
