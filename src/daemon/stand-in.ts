/**
 * Whose place a program takes, for everybody who looks for it by name: `killall -0 haproxy` in a vrrp_script, `pidof keepalived`
 * in somebody's cron job. The data process is called haproxy by itself (src/proxy/data-process.ts), whoever started it.
 */
import { callProcess } from '../sys/process-name.ts';

export function standInFor(program: 'haproxy' | 'keepalived', args: readonly string[]): void {
  callProcess(program, args);
}
