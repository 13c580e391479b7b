// Which core does what: the proxies on the first ones, load and servers on the others, all together where there are
// too few.
import { readFileSync } from 'node:fs';

/** More than this many cores of load a core of proxy would wait for work. */
const LOAD_PER_PROXY = 2;

/** `0-3,8` → [0, 1, 2, 3, 8], the kernel's way to write a list of cores. */
export function parseCoreList(text) {
  return text
    .trim()
    .split(',')
    .filter((part) => part !== '')
    .flatMap((part) => {
      const [first, last = first] = part.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}

/** Cores of their own before those that share one with an earlier one (hyperthreads). */
export function coresInOrder(allowed, siblingsOf) {
  const first = allowed.filter((core) => core === Math.min(...siblingsOf(core).filter((one) => allowed.includes(one))));
  return [...first, ...allowed.filter((core) => !first.includes(core))];
}

/** Who runs where, for proxies of at most `threads` threads. `shared`: the load takes time from the proxy. */
export function assignCores(cores, threads) {
  const spare = cores.length - threads;
  if (spare <= 0) return { proxy: cores, load: cores, servers: cores, shared: true };
  const proxy = cores.slice(0, threads);
  const rest = cores.slice(threads);
  if (spare === 1) return { proxy, load: rest, servers: rest, shared: false };
  const half = Math.min(rest.length >> 1, threads * LOAD_PER_PROXY);
  return { proxy, load: rest.slice(0, half), servers: rest.slice(half, 2 * half), shared: false };
}

/** The cores this process may use, in the order in which they are given away. */
export function allowedCores() {
  const allowed = parseCoreList(/Cpus_allowed_list:\s*(\S+)/.exec(readFileSync('/proc/self/status', 'latin1'))[1]);
  return coresInOrder(allowed, siblingsOf);
}

function siblingsOf(core) {
  try {
    return parseCoreList(readFileSync(`/sys/devices/system/cpu/cpu${core}/topology/thread_siblings_list`, 'latin1'));
  } catch {
    return [core];
  }
}

/** What a reader has to know about the placing. */
export function coreNotes({ proxy, load, servers, shared }) {
  if (shared) return ['proxy, load and servers share all cores: rates say little, CPU per request is inflated'];
  const beside = proxy.filter((core) => siblingsOf(core).some((one) => load.includes(one) || servers.includes(one)));
  if (beside.length > 0)
    return [`core ${beside.join(', ')} is a hyperthread beside one of the load's: rates are lower`];
  return [];
}
