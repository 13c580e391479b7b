/** A TCP check: the server takes the connection. Nothing is sent. */
import type { Timers } from '../core/clock.ts';
import { CheckConnection } from './connection.ts';
import type { ProbeTarget, RunningProbe } from './probe.ts';

export function probeTcp(target: ProbeTarget, timers: Timers): RunningProbe {
  const connection = new CheckConnection(target, timers);
  connection.onConnected(() => connection.end('L4OK'));
  return { finding: connection.finding, cancel: () => connection.cancel() };
}
