/** What virtual servers depend on at this box: sysctls, routes, nft and its kernel. Looked at for `tandem check`; nothing is changed. */
import { readFileSync } from 'node:fs';
import type { VirtualServer } from '../config/l4-model.ts';
import type { CommandRunner } from '../core/command.ts';
import { missingForKernel, wantsOf } from '../l4/kernel-probe.ts';
import { type Capabilities, hasCapability } from '../sys/capabilities.ts';

export interface L4Facts {
  /** Whether packets are passed on; null: it cannot be read. */
  readonly forwards: { readonly 4: boolean | null; readonly 6: boolean | null };
  /** `rp_filter` by interface, `all` among them: 0 off, 1 strict, 2 loose. */
  readonly reversePath: ReadonlyMap<string, number>;
  /** Connections that are tracked at most; null: the kernel tracks none, or its module is not loaded. */
  readonly connectionsMax: number | null;
  /** The program that ends connections of UDP. */
  readonly hasConntrack: boolean;
  /** Interfaces of the IPv4 default routes. */
  readonly defaultDevices: readonly string[];
  /** Sentences: what nft and the kernel lack. */
  readonly missing: readonly string[];
}

const TIMEOUT_MS = 5000;
const SYSCTLS = '/proc/sys/net';

export async function lookAtLayer4(
  servers: readonly VirtualServer[],
  interfaces: readonly string[],
  capabilities: Capabilities,
  commands: CommandRunner,
): Promise<L4Facts | null> {
  if (servers.length === 0) return null;
  // Without the right all of it would be refused.
  const mayAsk = hasCapability(capabilities.effective, 'CAP_NET_ADMIN');
  return {
    forwards: { 4: isOn('ipv4/ip_forward'), 6: isOn('ipv6/conf/all/forwarding') },
    reversePath: new Map(['all', ...interfaces].map((name) => [name, numberOf(`ipv4/conf/${name}/rp_filter`) ?? 0])),
    connectionsMax: numberOf('netfilter/nf_conntrack_max'),
    hasConntrack: (await commands.run(['conntrack', '--version'], { timeoutMs: TIMEOUT_MS })).exitCode === 0,
    defaultDevices: await defaultDevices(commands),
    missing: mayAsk ? await missingForKernel(commands, wantsOf(servers)) : [],
  };
}

async function defaultDevices(commands: CommandRunner): Promise<readonly string[]> {
  const { exitCode, stdout } = await commands.run(['ip', '-4', 'route', 'show', 'default'], { timeoutMs: TIMEOUT_MS });
  if (exitCode !== 0) return [];
  return [...stdout.matchAll(/ dev (\S+)/g)].map(([, name = '']) => name);
}

function isOn(path: string): boolean | null {
  const text = read(path);
  return text === null ? null : text !== '0';
}

function numberOf(path: string): number | null {
  const text = read(path);
  return text === null ? null : Number(text);
}

function read(path: string): string | null {
  try {
    return readFileSync(`${SYSCTLS}/${path}`, 'latin1').trim();
  } catch {
    return null;
  }
}
