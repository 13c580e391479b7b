/** What a pair needs of the real system: sockets, commands, users, time, and a place ahead of the others when it wakes. */
import { uptime } from 'node:os';
import type { PairGlobal } from '../config/pair-model.ts';
import { systemClock, systemTimers } from '../core/clock.ts';
import type { ResolveUser } from '../core/command.ts';
import { sendFrame } from '../sys/packet-socket.ts';
import { forbidSwapping, raisePriority } from '../sys/scheduling.ts';
import { openRawSocket } from '../vrrp/socket-engine.ts';
import type { DataPath } from '../vrrp/tracking/data-path.ts';
import { readAccountFiles } from './accounts.ts';
import { SystemCommands } from './commands.ts';
import type { Journal } from './journal.ts';
import { type Answering, goodBye } from './last-answers.ts';
import { systemLayer4 } from './layer4-world.ts';
import type { PairSetup } from './pair.ts';
import { SecureCommands } from './script-security.ts';
import { scriptUsers } from './script-user.ts';

const DEFAULT_NICE = -10;

/** What the kernel is asked for; each says whether it was permitted. */
export interface Scheduling {
  raisePriority(nice: number, realtime: number | null): boolean;
  forbidSwapping(): boolean;
}

const SYSTEM_SCHEDULING: Scheduling = { raisePriority, forbidSwapping };

/** What a pair has to do with proxies. */
export interface PairProxies extends Answering {
  readonly dataPath: DataPath;
}

export function systemSetup(
  journal: Journal,
  proxies: PairProxies | null,
  env: NodeJS.ProcessEnv,
  scheduling = SYSTEM_SCHEDULING,
): Omit<PairSetup, 'chronicle'> {
  const commands = new SecureCommands(new SystemCommands(systemTimers, env), env['PATH'] ?? '');
  let resolve: ResolveUser = () => ({});
  let before: PairGlobal | null = null;
  return {
    journal: { info: (text) => journal.notice(text), warning: (text) => journal.warning(text) },
    commands,
    resolveUser: (user, group) => resolve(user, group),
    clock: systemClock,
    timers: systemTimers,
    openSocket: openRawSocket,
    sendFrame,
    layer4: systemLayer4,
    dataPath: proxies?.dataPath ?? null,
    lastAnswers: proxies === null ? null : (on) => proxies.lastAnswers(on),
    goodBye: () => goodBye(proxies, systemTimers),
    uptimeMs: uptime() * 1000,
    adopt: (global) => {
      commands.enabled = global.scriptSecurity;
      // Users may have been made since.
      resolve = scriptUsers(readAccountFiles());
      goFirst(global, before, scheduling, journal);
      before = global;
    },
  };
}

/** An advert that is late by three intervals is a failover: this process goes first. `before`: what is in force. */
function goFirst(global: PairGlobal, before: PairGlobal | null, scheduling: Scheduling, journal: Journal): void {
  const { processPriority, realtimePriority, noSwap } = global;
  const same = processPriority === before?.processPriority && realtimePriority === before.realtimePriority;
  if (!same && !scheduling.raisePriority(processPriority ?? DEFAULT_NICE, realtimePriority)) {
    journal.warning('VRRP runs at ordinary priority: raising it is not permitted (CAP_SYS_NICE)');
  }
  if (noSwap && before?.noSwap !== true && !scheduling.forbidSwapping()) {
    journal.warning('vrrp_no_swap: not permitted (CAP_IPC_LOCK)');
  }
  if (!noSwap && before?.noSwap === true) journal.warning('vrrp_no_swap is gone: memory stays locked until a restart');
}
