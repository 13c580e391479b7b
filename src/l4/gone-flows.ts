/**
 * UDP to servers that are gone: conntrack would send a client that always uses the same port to the old server for ever. Its
 * entries are deleted, by the program conntrack where it is there. Connections of TCP and SCTP end by themselves.
 */
import type { CommandRunner } from '../core/command.ts';
import type { Destination, L4Service } from './service.ts';

const TIMEOUT_MS = 5000;
/** Programs that are run for one change; the rest of a change that takes thousands away end by time. */
const MOST_AT_ONCE = 256;

export interface GoneServer {
  readonly service: L4Service;
  readonly destination: Destination;
}

export function goneServers(before: readonly L4Service[], after: readonly L4Service[]): readonly GoneServer[] {
  const now = new Map(after.map((service) => [service.key, service]));
  return before.flatMap((service) => {
    const left = now.get(service.key);
    if (service.protocol !== 'UDP' || left === service || left === undefined) return [];
    return service.destinations
      .filter(({ forwarding }) => forwarding === 'NAT')
      .filter(({ key }) => !left.destinations.some((one) => one.key === key))
      .map((destination) => ({ service, destination }));
  });
}

interface Setup {
  readonly commands: CommandRunner;
  readonly journal: { info(text: string): void };
}

/** Has conntrack forget them; that it cannot is said once. */
export class DatagramMemory {
  readonly #setup: Setup;
  #isTold = false;

  constructor(setup: Setup) {
    this.#setup = setup;
  }

  async forget(gone: readonly GoneServer[]): Promise<void> {
    const { commands, journal } = this.#setup;
    for (const { service, destination } of gone.slice(0, MOST_AT_ONCE)) {
      const { ip, port } = destination.address;
      const server = ['--reply-src', ip, ...(port === 0 ? [] : ['--reply-port-src', String(port)])];
      const vip = service.places.length === 1 ? service.places[0] : undefined;
      const asked = vip === undefined || vip.first !== vip.last ? [] : ['--orig-dst', vip.first];
      const argv = ['conntrack', '-D', '-f', `ipv${service.family}`, '-p', 'udp', ...asked, ...server];
      const { exitCode, how } = await commands.run(argv, { timeoutMs: TIMEOUT_MS });
      // 1: there was none.
      if (exitCode !== null || this.#isTold) continue;
      this.#isTold = true;
      journal.info(
        `virtual servers: clients of UDP whose server is gone may wait until conntrack forgets them (conntrack: ${how})`,
      );
    }
  }
}
