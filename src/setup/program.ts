/**
 * How a unit starts this program: absolute paths, as services have a PATH and a view of the file system of their own.
 */
import { accessSync, constants, realpathSync } from 'node:fs';

/** systemd's own, DEFAULT_PATH. */
const SERVICE_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

export interface ProgramPaths {
  /** `/usr/local/bin/tandem`, as it was called. */
  readonly script: string;
  readonly node: string;
}

/** One word where `env node` finds this very Node, which survives its updates; else two. */
export function programOf({ script, node }: ProgramPaths, resolve: (path: string) => string | null = real): string {
  const found = SERVICE_PATH.map((folder) => resolve(`${folder}/node`)).find((path) => path !== null);
  if (found === resolve(node) && !script.endsWith('.js')) return script;
  return `${node} ${resolve(script) ?? script}`;
}

/** What a unit with ProtectHome= and PrivateTmp= cannot see. */
export function isHidden(path: string): boolean {
  return /^\/(home|root|run\/user|tmp|var\/tmp)\//.test(path);
}

function real(path: string): string | null {
  try {
    accessSync(path, constants.X_OK);
    return realpathSync(path);
  } catch {
    return null;
  }
}
