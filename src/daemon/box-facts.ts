/** What `tandem check` looks at on this box, beyond the files: interfaces, rights, the packet filter. Nothing is changed. */
import { existsSync, readFileSync } from 'node:fs';
import type { VirtualServer } from '../config/l4-model.ts';
import type { CommandRunner } from '../core/command.ts';
import { parseIptablesSave } from '../netlink/iptables-rules.ts';
import { type AddressChange, parseAddressDump } from '../netlink/monitor-line.ts';
import { parseNftRuleset } from '../netlink/nft-ruleset.ts';
import type { FilterChain } from '../netlink/packet-filter.ts';
import { type Capabilities, ownCapabilities } from '../sys/capabilities.ts';
import { type L4Facts, lookAtLayer4 } from './l4-facts.ts';

export interface BoxFacts {
  /** By interface; null: `ip` could not be asked, and why is in `trouble`. */
  readonly interfaces: ReadonlyMap<string, readonly AddressChange[]> | null;
  readonly capabilities: Capabilities;
  /** null: nobody could be asked. */
  readonly filter: readonly FilterChain[] | null;
  /** null: there are no virtual servers. */
  readonly layer4: L4Facts | null;
  /** Sentences. */
  readonly trouble: readonly string[];
}

const TIMEOUT_MS = 5000;
const LEGACY_TABLES: readonly [4 | 6, string][] = [
  [4, '/proc/net/ip_tables_names'],
  [6, '/proc/net/ip6_tables_names'],
];

export async function lookAtBox(
  commands: CommandRunner,
  virtualServers: readonly VirtualServer[] = [],
): Promise<BoxFacts> {
  const trouble: string[] = [];
  const interfaces = await readInterfaces(commands, trouble);
  const capabilities = ownCapabilities();
  const layer4 = await lookAtLayer4(virtualServers, [...(interfaces?.keys() ?? [])], capabilities, commands);
  return { interfaces, capabilities, filter: await readFilter(commands), layer4, trouble };
}

async function readInterfaces(commands: CommandRunner, trouble: string[]): Promise<BoxFacts['interfaces']> {
  const { exitCode, how, stdout } = await commands.run(['ip', '-j', 'address', 'show'], { timeoutMs: TIMEOUT_MS });
  if (exitCode !== 0) {
    trouble.push(`tandem run needs the program ip (package iproute2): ${how}`);
    return null;
  }
  const found = new Map<string, AddressChange[]>();
  for (const change of parseAddressDump(stdout)) {
    if (change.kind === 'link') found.set(change.name, []);
    else found.get(change.device)?.push(change);
  }
  return found;
}

/** Of whichever program wrote rules: nft, iptables on nft, iptables as it was. */
async function readFilter(commands: CommandRunner): Promise<readonly FilterChain[] | null> {
  const output = async (...argv: string[]): Promise<string | null> => {
    const { exitCode, stdout } = await commands.run(argv, { timeoutMs: TIMEOUT_MS });
    return exitCode === 0 ? stdout : null;
  };
  const nft = await output('nft', '-j', '-t', 'list', 'ruleset');
  const ruleset = nft === null ? null : parseNftRuleset(nft);
  const chains: FilterChain[] = [...(ruleset?.chains ?? [])];
  let asked = ruleset !== null;
  for (const [family, file] of LEGACY_TABLES) {
    const program = family === 4 ? 'iptables' : 'ip6tables';
    const legacy = isListed(file);
    if (!legacy && ruleset?.hasIptables === false) continue;
    for (const name of legacy ? [`${program}-legacy-save`, `${program}-save`] : [`${program}-save`]) {
      const text = await output(name, '-t', 'filter');
      if (text === null) continue;
      asked = true;
      chains.push(...parseIptablesSave(text, family));
      break;
    }
  }
  return asked ? chains : null;
}

function isListed(file: string): boolean {
  try {
    return existsSync(file) && readFileSync(file, 'utf8').includes('filter');
  } catch {
    return false;
  }
}
