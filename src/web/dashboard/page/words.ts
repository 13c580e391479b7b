/** What states are called and how they look: a word, a sign and a tone, so that no colour says anything alone. Pure. */
import { realServerState, virtualServerState } from '../../../admin/l4-states.ts';
import type { ChronicleEvent } from '../../../daemon/chronicle.ts';
import type { InstanceStatus } from '../../../daemon/pair-status.ts';
import type { ShownBackend, ShownCheck, ShownServer } from '../shown.ts';
import type { ShownRealServer, ShownVirtualServer } from '../shown-virtual-server.ts';
import { milliseconds, plural } from './format.ts';

export type Tone = 'good' | 'warn' | 'bad' | 'idle';

export interface Word {
  readonly text: string;
  readonly sign: string;
  readonly tone: Tone;
}

const GOOD = '●';
const WARN = '▲';
const BAD = '✕';
const IDLE = '○';

export function serverWord(server: ShownServer): Word {
  if (server.state === 'maint') {
    return { text: server.unresolved ? 'no address' : 'maintenance', sign: IDLE, tone: 'idle' };
  }
  if (server.state === 'down') return { text: 'down', sign: BAD, tone: 'bad' };
  if (server.state === 'drain') return { text: 'draining', sign: WARN, tone: 'warn' };
  if (server.operation === 'stopping') return { text: 'up, stopping', sign: WARN, tone: 'warn' };
  if (server.operation === 'starting') return { text: 'up, warming', sign: WARN, tone: 'warn' };
  const { check } = server;
  if (check !== null && check.verdict === 'failed' && !check.paused) {
    return { text: 'up, failing', sign: WARN, tone: 'warn' };
  }
  return { text: check === null && server.tracks === null ? 'up, unchecked' : 'up', sign: GOOD, tone: 'good' };
}

export function backendWord(backend: ShownBackend): Word {
  const { servers } = backend;
  if (servers.length === 0) return { text: 'no servers', sign: IDLE, tone: 'idle' };
  if (!backend.up) return { text: 'down', sign: BAD, tone: 'bad' };
  if (servers.some(({ state }) => state === 'down')) return { text: 'degraded', sign: WARN, tone: 'warn' };
  if (backend.active === 0) return { text: 'on backups', sign: WARN, tone: 'warn' };
  return { text: 'up', sign: GOOD, tone: 'good' };
}

export function isUnwell({ tone }: Word): boolean {
  return tone === 'bad' || tone === 'warn';
}

/** `3 up, 1 down, 1 in maintenance` */
export function serversText({ servers }: ShownBackend): string {
  const of = (state: ShownServer['state']): number => servers.filter((server) => server.state === state).length;
  const parts = [
    [of('up'), 'up'],
    [of('down'), 'down'],
    [of('drain'), 'draining'],
    [of('maint'), 'in maintenance'],
  ] as const;
  const told = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  return told.length === 0 ? 'no servers' : told.join(', ');
}

/** What the last check said. */
export function checkText(check: ShownCheck | null, tracks: string | null): string {
  if (tracks !== null) return `as ${tracks}`;
  if (check === null) return 'not checked';
  if (check.paused || !check.enabled) return 'paused';
  if (check.result === null) return 'first one under way';
  const code = check.status > 0 ? ` ${check.status}` : '';
  const time = check.durationMs < 0 ? '' : ` ${milliseconds(check.durationMs)}`;
  return `${check.result}${code}${time}`;
}

/** How many checks more until it changes: `2 of 3 failed`; '': it is certain. */
export function checkProgress(check: ShownCheck | null): string {
  if (check === null || check.paused || !check.enabled) return '';
  const { health, rise, fall } = check;
  const top = rise + fall - 1;
  if (health >= rise && health < top) return `${top - health} of ${fall} failed`;
  if (health > 0 && health < rise) return `${health} of ${rise} passed`;
  return '';
}

export function virtualServerWord(virtual: ShownVirtualServer): Word {
  switch (virtualServerState(virtual)) {
    case 'up': {
      const isWhole = virtual.servers.every((server) => server.held !== null || realServerState(server) !== 'down');
      return isWhole ? { text: 'up', sign: GOOD, tone: 'good' } : { text: 'degraded', sign: WARN, tone: 'warn' };
    }
    case 'no quorum':
      return { text: 'no quorum', sign: WARN, tone: 'warn' };
    case 'sorry':
      return { text: 'on its sorry server', sign: WARN, tone: 'warn' };
    case 'down':
      return { text: 'down', sign: BAD, tone: 'bad' };
    case 'suspended':
      return { text: 'suspended', sign: IDLE, tone: 'idle' };
  }
}

export function realServerWord(server: ShownRealServer): Word {
  switch (realServerState(server)) {
    case 'up':
      if (server.weight === 0) return { text: 'up, weight 0', sign: WARN, tone: 'warn' };
      return { text: server.checks.length === 0 ? 'up, unchecked' : 'up', sign: GOOD, tone: 'good' };
    case 'full':
      return { text: 'full', sign: WARN, tone: 'warn' };
    case 'out':
      return { text: 'up, not used', sign: IDLE, tone: 'idle' };
    case 'down':
      if (server.held !== null) return { text: 'down by hand', sign: IDLE, tone: 'idle' };
      return { text: 'down', sign: BAD, tone: 'bad' };
    case 'serving':
      return { text: 'serves', sign: WARN, tone: 'warn' };
    case 'spare':
      return { text: 'spare', sign: IDLE, tone: 'idle' };
  }
}

/** `3 up, 1 down` */
export function realServersText({ servers }: ShownVirtualServer): string {
  const real = servers.filter(({ isSorryServer }) => !isSorryServer);
  const up = real.filter(({ isUp }) => isUp).length;
  return up === real.length ? `${up} up` : `${up} up, ${real.length - up} down`;
}

/** `wlc, weight 3, quorum 1, clients stay for 300 s` */
export function quorumText({ scheduler, weightUp, quorum, persistenceTimeoutS }: ShownVirtualServer): string {
  const persistence = persistenceTimeoutS === null ? '' : `, clients stay for ${persistenceTimeoutS} s`;
  return `${scheduler}, weight ${weightUp}, quorum ${quorum}${persistence}`;
}

export function instanceWord(instance: InstanceStatus): Word {
  const forced = instance.forced === null ? '' : ' (by hand)';
  switch (instance.state) {
    case 'MASTER':
      return { text: `MASTER${forced}`, sign: GOOD, tone: 'good' };
    case 'BACKUP':
      return { text: `BACKUP${forced}`, sign: IDLE, tone: 'idle' };
    case 'FAULT':
      return { text: `FAULT${forced}`, sign: BAD, tone: 'bad' };
    default:
      return { text: 'starting', sign: IDLE, tone: 'idle' };
  }
}

/** Of something that happened. */
export function eventTone({ to }: ChronicleEvent): Tone {
  const word = to.toLowerCase();
  if (/\b(down|fault|failed|died|killed|refused)\b/.test(word)) return 'bad';
  if (/\b(drain|maint|stopping|nolb)/.test(word)) return 'warn';
  if (/\b(up|master|ready|serving|done)\b/.test(word)) return 'good';
  return 'idle';
}

export const TONE_SIGNS: Readonly<Record<Tone, string>> = { good: GOOD, warn: WARN, bad: BAD, idle: IDLE };

export function healthWord(health: 'ok' | 'warning' | 'failed', complaints: number): Word {
  const text = plural(complaints, 'complaint');
  if (health === 'ok') return { text: 'all is well', sign: GOOD, tone: 'good' };
  return health === 'warning' ? { text, sign: WARN, tone: 'warn' } : { text, sign: BAD, tone: 'bad' };
}
