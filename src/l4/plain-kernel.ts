/** The kernel's tables, written whole at each change. It serves until ruleset-keeper.ts does; without figures and repair. */
import { BlockList } from 'node:net';
import type { CommandRunner } from '../core/command.ts';
import type { Link, Network } from '../netlink/network.ts';
import type { DestinationFigures, L4Kernel } from './kernel.ts';
import { rulesetOf, rulesetRemoval, rulesetText } from './ruleset.ts';
import type { L4Service } from './service.ts';

export interface PlainSetup {
  readonly commands: CommandRunner;
  readonly network: Network;
  readonly journal: { warning(text: string): void };
}

export class PlainKernel implements L4Kernel {
  readonly figures: ReadonlyMap<string, DestinationFigures> = new Map();
  readonly #setup: PlainSetup;
  #last: Promise<string | null> = Promise.resolve(null);

  constructor(setup: PlainSetup) {
    this.#setup = setup;
  }

  async start(services: readonly L4Service[]): Promise<readonly string[]> {
    const trouble = await this.#run(this.#textOf(services));
    return trouble === null ? [] : [trouble];
  }

  follow(services: readonly L4Service[]): void {
    void this.#run(this.#textOf(services)).then((trouble) => {
      if (trouble !== null) this.#setup.journal.warning(trouble);
    });
  }

  async settled(): Promise<void> {
    await this.#last;
  }

  async stop(keeps: boolean): Promise<void> {
    if (!keeps) await this.#run(rulesetRemoval());
  }

  #textOf(services: readonly L4Service[]): string {
    const { links } = this.#setup.network;
    const interfaces = links.filter(({ name }) => name !== 'lo');
    const deviceOf = (ip: string): Link | null => {
      const kind = ip.includes(':') ? 'ipv6' : 'ipv4';
      for (const link of links) {
        const list = new BlockList();
        for (const { family, ip: own, prefixLength } of link.addresses)
          if ((family === 6) === (kind === 'ipv6')) list.addSubnet(own, prefixLength, kind);
        if (list.check(ip, kind)) return link;
      }
      return null;
    };
    return rulesetText(rulesetOf(services, { interfaces, deviceOf }));
  }

  #run(stdin: string): Promise<string | null> {
    this.#last = this.#last.then(async () => {
      const { exitCode, how } = await this.#setup.commands.run(['nft', '-f', '-'], { stdin, timeoutMs: 10_000 });
      return exitCode === 0 ? null : `nft: ${how}`;
    });
    return this.#last;
  }
}
