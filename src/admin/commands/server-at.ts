/** How commands name backends and servers: by names, or by `#` and numbers. */
import type { AdminSide } from '../../daemon/admin-side.ts';
import type { LiveBackend } from '../../daemon/live-servers.ts';
import type { ServerRecord } from '../../daemon/server-record.ts';

export function matches(wanted: string, own: { readonly name: string; readonly id: number }): boolean {
  return wanted.startsWith('#') ? own.id === Number.parseInt(wanted.slice(1), 10) : own.name === wanted;
}

/** `backend/server` as two words; null: it is not that. */
export function splitPath(path: string | undefined): readonly [backend: string, server: string] | null {
  const slash = path?.indexOf('/') ?? -1;
  if (path === undefined || slash < 0 || slash === path.length - 1) return null;
  return [path.slice(0, slash), path.slice(slash + 1)];
}

/** One that runs. */
export function backendAt({ board }: Pick<AdminSide, 'board'>, name: string): LiveBackend | null {
  return board.plan.proxies.find((proxy) => proxy.isBackend && matches(name, proxy)) ?? null;
}

/** The server that `backend/server` names; a text says why there is none. */
export function serverAt(context: Pick<AdminSide, 'model' | 'board'>, path: string | undefined): ServerRecord | string {
  const words = splitPath(path);
  if (words === null) return "Require 'backend/server'.\n";
  const [name, server] = words;
  const backend = backendAt(context, name);
  if (backend !== null) return context.board.find(backend, (one) => matches(server, one)) ?? 'No such server.\n';
  const disabled = context.model.proxies.find((proxy) => proxy.kind !== 'frontend' && matches(name, proxy));
  if (disabled === undefined) return 'No such backend.\n';
  return disabled.servers.some((one) => matches(server, one)) ? 'Proxy is disabled.\n' : 'No such server.\n';
}
