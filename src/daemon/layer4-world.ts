/** What virtual servers are made with on the real box: nft's tables, checks over sockets, sysctls, a file for a successor. */
import { chmodSync, mkdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { beginChecks } from '../l4/checks/begin-check.ts';
import { type MemoryFile, RulesetKeeper } from '../l4/ruleset-keeper.ts';
import type { Layer4World } from './pair-balancer.ts';
import { writePrivateFile } from './private-file.ts';

const FOLDER = '/run/tandem';
const FORWARDING = {
  4: '/proc/sys/net/ipv4/ip_forward',
  6: '/proc/sys/net/ipv6/conf/all/forwarding',
} as const;

export const systemLayer4: Layer4World = {
  openKernel: (setup) => new RulesetKeeper({ ...setup, memory: memoryFile(pathOf('virtual-servers')) }),
  beginChecks,
  forward,
  get hasRules() {
    return memoryFile(pathOf('rules'))?.read() != null;
  },
  set hasRules(on: boolean) {
    // What cannot be written is not missed but by who takes all virtual servers out of the file while nothing runs.
    memoryFile(pathOf('rules'))?.write(on ? `tables of nftables, written by process ${process.pid}\n` : '');
  },
};

function forward(family: 4 | 6): { readonly was: boolean; readonly trouble: string | null } {
  const path = FORWARDING[family];
  try {
    const was = readFileSync(path, 'latin1').trim() !== '0';
    if (!was) writeFileSync(path, '1');
    return { was, trouble: null };
  } catch (error) {
    return { was: false, trouble: errorText(error) };
  }
}

/** Network namespaces may share /run, and each has tables of its own; null: nobody knows which one this is. */
function pathOf(name: string): string | null {
  try {
    const id = /\d+/.exec(readlinkSync('/proc/self/ns/net'))?.[0];
    return id === undefined ? null : `${FOLDER}/${name}-${id}`;
  } catch {
    return null;
  }
}

export function memoryFile(path: string | null): MemoryFile | null {
  if (path === null) return null;
  return {
    read: () => {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        return null;
      }
    },
    write: (text) => {
      try {
        if (text === '') {
          rmSync(path, { force: true });
          return null;
        }
        // Others have files there, too, whatever our umask is.
        if (mkdirSync(dirname(path), { recursive: true }) !== undefined) chmodSync(dirname(path), 0o755);
        return writePrivateFile(path, text);
      } catch (error) {
        return errorText(error);
      }
    },
  };
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
