/** Services of the kernel for tests. */
import type { DirectLinks, LinkId } from '../../src/l4/ruleset-direct.ts';
import type { Destination, L4Service } from '../../src/l4/service.ts';
import type { SeededRandom } from './random.ts';

export function place(ip: string, port: number, last = ip): L4Service['places'][number] {
  const family = ip.includes(':') ? 6 : 4;
  return { family, first: ip, last, firstPort: port, lastPort: port === 0 ? 65_535 : port };
}

export function destination(ip: string, port: number, more: Partial<Destination> = {}): Destination {
  const family = ip.includes(':') ? 6 : 4;
  const key = `${ip}_${port}`.replace(/[^A-Za-z0-9]/g, '_');
  return {
    key,
    address: { family, ip, port },
    weight: 1,
    upperThreshold: 0,
    lowerThreshold: 0,
    forwarding: 'NAT',
    ...more,
  };
}

export function direct(ip: string, more: Partial<Destination> = {}): Destination {
  return destination(ip, 0, { forwarding: 'DR', ...more });
}

/** Clients come in by `interfaces`; every server is at `device`. */
export function links(interfaces: readonly string[] = [], device: string | null = null): DirectLinks {
  return { interfaces: interfaces.map(link), deviceOf: () => (device === null ? null : link(device)) };
}

export function link(name: string): LinkId {
  return { name, index: 7 };
}

export function service(key: string, more: Partial<L4Service> = {}): L4Service {
  return {
    ...{ key, name: `the service ${key}`, family: 4, protocol: 'TCP', places: [], marks: [], scheduler: 'rr' },
    ...{
      hashesPort: false,
      onePacket: false,
      persistence: null,
      flowTimeouts: { tcpS: 900, tcpEdgeS: 60, datagramS: 300 },
      destinations: [],
    },
    ...more,
  };
}

const SCHEDULERS = ['rr', 'wrr', 'wlc', 'sh', 'dh', 'mh'] as const;

/** Services as a configuration and its checks may leave them. */
export function randomServices(random: SeededRandom): readonly L4Service[] {
  return Array.from({ length: 6 }, (_, i) => i)
    .filter(() => random.below(5) > 0)
    .map((i) => randomService(random, i));
}

function randomService(random: SeededRandom, i: number): L4Service {
  const family = i % 2 === 0 ? 4 : 6;
  const vip = family === 4 ? `192.0.2.${i + 1}` : `2001:db8::${i + 1}`;
  const last = family === 4 ? `192.0.2.${i + 9}` : `2001:db8::f`;
  const persistence = random.below(2) === 0 ? null : { timeoutS: 60 + random.below(2), prefixLength: 24 };
  const places = [place(vip, random.below(3) * 80), place(vip, 443, random.below(2) === 0 ? last : vip)];
  const marks = random.below(4) === 0 ? [{ mark: i + 1, family: null }] : [];
  const destinations = [1, 2, 3, 4]
    .filter(() => random.below(4) > 0)
    .map((server) => {
      const ip = family === 4 ? `10.0.${i}.${server}` : `fd00:${i}::${server}`;
      const weight = random.below(4);
      const port = random.below(2) * 8080;
      return random.below(4) === 0 ? direct(ip, { weight }) : destination(ip, port, { weight });
    });
  const protocol = random.pick(['TCP', 'UDP', 'SCTP'] as const);
  const scheduler = random.pick(SCHEDULERS);
  return service(`k${i}`, { family, protocol, places, marks, persistence, scheduler, destinations });
}
