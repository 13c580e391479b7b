/**
 * What an operator should see of all that there is: what does not serve, and what is lost of what does. Pure.
 *
 * Not here: what is there (status.ts), what is wrong with virtual servers (l4-complaints.ts).
 */
import type { AdminSide } from '../daemon/admin-side.ts';
import type { Chronicle } from '../daemon/chronicle.ts';
import type { InstanceStatus, PairHead } from '../daemon/pair-status.ts';
import type { BackendView, FrontendView, ServerView } from '../daemon/views.ts';
import type { ProxyStatus, Status } from './status.ts';

export interface Complaint {
  /** It does not serve at all; otherwise something of it is lost. */
  readonly failed: boolean;
  readonly text: string;
}

export interface Scene {
  readonly side: Pick<AdminSide, 'program' | 'chronicle' | 'clock'>;
  readonly pair: PairHead | null;
  /** `proxyComplaints` of each proxy, `virtualServerComplaints` of each virtual server. */
  readonly ofServices: readonly Complaint[];
}

/** A data process that died is old news after so long. */
const RECENT_MS = 600_000;
/** Nor is an advert that was refused. */
const REFUSED_MS = 10_000;
/** The servers that are told one by one; with more of them, how many there are. */
export const SERVERS_TOLD = 8;

const NONE: readonly Complaint[] = [];

/** The worst first. */
export function complaintsOf({ side, pair, ofServices }: Scene): readonly Complaint[] {
  const { chronicle, clock } = side;
  const { hasProxies, serving, olderGenerations: older, olderGenerationsMax: most } = side.program();
  const all: Complaint[] = [];
  if (hasProxies && !serving) all.push(failed('the data process does not serve; it is started again'));
  for (const instance of pair?.instances ?? []) all.push(...instanceComplaints(instance));
  const rulesTrouble = pair?.rulesTrouble ?? null;
  if (rulesTrouble !== null) all.push(failed(`the kernel does not take the rules of virtual servers: ${rulesTrouble}`));
  for (const complaint of ofServices) all.push(complaint);
  all.push(...deaths(chronicle, clock.wallMs()));
  const { lastReload } = chronicle;
  if (lastReload?.ok === false) {
    all.push(warning(`the last reload was refused, what ran before goes on: ${lastReload.why}`));
  }
  if (hasProxies && older * 2 >= most) {
    all.push(warning(`${older} older configurations still serve their last clients; from ${most} on none is reloaded`));
  }
  return [...all.filter(({ failed: isFailed }) => isFailed), ...all.filter(({ failed: isFailed }) => !isFailed)];
}

export function proxyComplaints({ frontend, backend }: ProxyStatus): readonly Complaint[] {
  const ofBackend = backend === null ? NONE : backendComplaints(backend);
  if (frontend?.status !== 'FULL') return ofBackend;
  return [...ofBackend, ...frontendComplaints(frontend)];
}

export function healthOf(complaints: readonly Complaint[]): Status['health'] {
  if (complaints.some((complaint) => complaint.failed)) return 'failed';
  return complaints.length > 0 ? 'warning' : 'ok';
}

export function failed(text: string): Complaint {
  return { failed: true, text };
}

export function warning(text: string): Complaint {
  return { failed: false, text };
}

function instanceComplaints(instance: InstanceStatus): Complaint[] {
  const { name, state, forced, faults, rival, refused, addresses, master, reasons } = instance;
  const all: Complaint[] = [];
  if (forced === 'backup' && state === 'BACKUP' && master === null) {
    all.push(failed(`${name} is held as backup, and no master is heard: nobody has ${listed(addresses)}`));
  }
  if (state === 'FAULT' && forced !== 'fault') all.push(failed(`${name} is in FAULT: ${faults.join('; ')}`));
  if (rival !== null) {
    const { address, priority } = rival;
    all.push(failed(`${name} has two masters: this box, and ${address} with priority ${priority}`));
  }
  if (forced !== null) all.push(warning(`${name} is forced to be ${forced}, until 'set vrrp ${name} release'`));
  if (refused !== null && refused.msAgo <= REFUSED_MS) {
    all.push(warning(`${name} does not take what ${refused.address} advertises: ${refused.why}`));
  }
  const lost = reasons.filter(({ what, weight }) => weight < 0 || what.endsWith(' failed'));
  if (lost.length > 0 && state !== 'FAULT' && forced === null) {
    const { configuredPriority, effectivePriority } = instance;
    const why = lost.map(({ what, weight }) => (weight === 0 ? what : `${what} ${weight}`)).join(', ');
    all.push(warning(`${name} has priority ${effectivePriority}, configured is ${configuredPriority}: ${why}`));
  }
  return all;
}

function backendComplaints({ proxy, up, servers }: BackendView): readonly Complaint[] {
  const away = servers.filter(({ state, effectiveWeight }) => state !== 'up' || effectiveWeight === 0);
  if (!up) return [failed(`backend ${proxy} has no server: ${listed(away.map(serverText))}`)];
  // What an operator has taken out is no trouble.
  const down = servers.filter(({ state, unresolved }) => state === 'down' || unresolved);
  if (down.length > SERVERS_TOLD) {
    return [warning(`backend ${proxy} has lost ${down.length} of ${servers.length} servers`)];
  }
  return down.map((server) => warning(`server ${proxy}/${serverText(server)}`));
}

function serverText(server: ServerView): string {
  const { name, state, check, tracks, unresolved, host, hostName } = server;
  if (unresolved || host === null) return `${name} has no address: nobody knows ${hostName}`;
  if (state === 'up') return `${name} has weight 0`;
  const word = `${name} is ${state.toUpperCase()}`;
  if (state !== 'down') return word;
  if (tracks !== null) return `${word} with ${tracks}`;
  if (check === null || check.result === null) return word;
  const why = [check.description, check.info].filter((text) => text !== '').join(': ');
  return `${word} (${check.result}${check.status > 0 ? `/${check.status}` : ''}${why === '' ? '' : `, ${why}`})`;
}

function frontendComplaints({ proxy, sessions, limit }: FrontendView): Complaint[] {
  return [warning(`frontend ${proxy} is full: ${sessions} of ${limit} connections`)];
}

function deaths({ events }: Chronicle, nowMs: number): Complaint[] {
  const died = events.filter(
    ({ kind, to, wallMs }) => kind === 'data-process' && to === 'died' && nowMs - wallMs < RECENT_MS,
  );
  const [last] = died;
  if (last === undefined) return [];
  const times = died.length === 1 ? 'died' : `died ${died.length} times`;
  return [warning(`the data process ${times} within ${RECENT_MS / 60_000} minutes: ${last.why}`)];
}

export function listed(texts: readonly string[]): string {
  const shown = texts.slice(0, SERVERS_TOLD).join(', ');
  return texts.length > SERVERS_TOLD ? `${shown} and ${texts.length - SERVERS_TOLD} more` : shown;
}
