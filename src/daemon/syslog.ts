/** The journal that keepalived's users know: lines to /dev/log as `Keepalived_vrrp[PID]: …`, and to the console. */
import { systemClock } from '../core/clock.ts';
import { UnixDatagramOutlet } from '../sys/datagram.ts';
import type { Journal, WriteLine } from './journal.ts';
import { LossyLines } from './lossy-lines.ts';

const SOCKET = '/dev/log';
const NAME = 'Keepalived_vrrp';
const LINE_LENGTH = 2048;
const LEVEL_ERROR = 3;
const LEVEL_WARNING = 4;
const LEVEL_INFO = 6;

const FACILITIES: Readonly<Record<string, number>> = { user: 1, daemon: 3, ...localFacilities() };

function localFacilities(): Record<string, number> {
  return Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`local${n}`, 16 + n]));
}

export interface KeepalivedLog {
  readonly syslog: boolean;
  readonly facility: string;
  /** By default /dev/log. */
  readonly socket?: string;
  readonly console: WriteLine | null;
  /** For the console's time stamps. */
  readonly wallMs: () => number;
}

export function keepalivedJournal(log: KeepalivedLog): Journal {
  const facility = FACILITIES[log.facility] ?? 3;
  const line = (level: number, text: string): string =>
    `<${facility * 8 + level}>${syslogTime(log.wallMs())} ${NAME}[${process.pid}]: ${text}`.slice(0, LINE_LENGTH);
  const outlet = log.syslog ? new UnixDatagramOutlet({ family: 'unix', path: log.socket ?? SOCKET }) : null;
  const missing = (lines: number): string => line(LEVEL_WARNING, `${lines} lines are missing here: nobody took them`);
  const lines = outlet === null ? null : new LossyLines(outlet, missing);
  const say = (level: number, text: string): void => {
    log.console?.(`${consoleTime(log.wallMs())}: ${text}\n`);
    lines?.write(line(level, text));
  };
  return {
    notice: (text) => say(LEVEL_INFO, text),
    warning: (text) => say(LEVEL_WARNING, text),
    alert: (text) => say(LEVEL_ERROR, text),
  };
}

/** `Nov 21 12:53:44`, RFC 3164: local time. */
export function syslogTime(wallMs: number): string {
  const [, month = '', day = '', , time = ''] = new Date(wallMs).toString().split(' ');
  return `${month} ${String(Number(day)).padStart(2)} ${time}`;
}

/** `Sat Nov 21 12:53:44 2026`, as keepalived -l has it. */
export function consoleTime(wallMs: number): string {
  const [weekday, month, day, year, time] = new Date(wallMs).toString().split(' ');
  return `${weekday} ${month} ${String(Number(day)).padStart(2)} ${time} ${year}`;
}

/** What goes to the console alone. */
export function consoleJournal(write: WriteLine): Journal {
  const say = (text: string) => write(`${consoleTime(systemClock.wallMs())}: ${text}\n`);
  return { notice: say, warning: say, alert: say };
}
