/** What a pair needs of the real system: sockets, commands, users, time, and a place ahead of the others when it wakes. */
import { uptime } from 'node:os';
import type { PairModel } from '../config/pair-model.ts';
import { systemClock, systemTimers } from '../core/clock.ts';
import { sendFrame } from '../sys/packet-socket.ts';
import { forbidSwapping, raisePriority } from '../sys/scheduling.ts';
import { openRawSocket } from '../vrrp/socket-engine.ts';
import type { DataPath } from '../vrrp/tracking/data-path.ts';
import { readAccountFiles } from './accounts.ts';
import { SystemCommands } from './commands.ts';
import type { Journal } from './journal.ts';
import type { PairSetup } from './pair.ts';
import { SecureCommands } from './script-security.ts';
import { scriptUsers } from './script-user.ts';

const DEFAULT_NICE = -10;

export function systemSetup(
  { global }: PairModel,
  journal: Journal,
  dataPath: DataPath | null,
  env: NodeJS.ProcessEnv,
): PairSetup {
  const commands = new SystemCommands(systemTimers, env);
  return {
    journal: { info: (text) => journal.notice(text), warning: (text) => journal.warning(text) },
    commands: global.scriptSecurity ? new SecureCommands(commands, env['PATH'] ?? '') : commands,
    resolveUser: scriptUsers(readAccountFiles()),
    clock: systemClock,
    timers: systemTimers,
    openSocket: openRawSocket,
    sendFrame,
    dataPath,
    uptimeMs: uptime() * 1000,
  };
}

/** An advert that is late by three intervals is a failover: this process goes first. */
export function goFirst({ global }: PairModel, journal: Journal): void {
  if (!raisePriority(global.processPriority ?? DEFAULT_NICE, global.realtimePriority)) {
    journal.warning('VRRP runs at ordinary priority: raising it is not permitted (CAP_SYS_NICE)');
  }
  if (global.noSwap && !forbidSwapping()) journal.warning('vrrp_no_swap: not permitted (CAP_IPC_LOCK)');
}
