/**
 * What the daemon has to say of itself to whoever started it (its log lines about traffic and servers go to the `log`
 * targets). One line a message, on stderr, in one of three shapes:
 *
 *   haproxy    [WARNING]  (1234) : Server web/s2 is DOWN, …         what HAProxy's users and their tools look for
 *   plain      warning: Server web/s2 is DOWN, …                    for people, on a terminal
 *   json       {"level":40,"time":…,"msg":"Server web/s2 …"}        for collectors, by pino (src/cli decides)
 */
export interface Journal {
  notice(message: string): void;
  warning(message: string): void;
  alert(message: string): void;
}

export type WriteLine = (line: string) => void;

/** `quiet`: what comes after the start stays unsaid, as HAProxy's -q and its background mode do. */
export function haproxyJournal(write: WriteLine, pid: number): Journal {
  const say = (label: string) => (message: string) => write(`${label.padEnd(10)} (${pid}) : ${message}\n`);
  return { notice: say('[NOTICE]'), warning: say('[WARNING]'), alert: say('[ALERT]') };
}

export function plainJournal(write: WriteLine): Journal {
  const say = (label: string) => (message: string) => write(`${label}${message}\n`);
  return { notice: say(''), warning: say('warning: '), alert: say('error: ') };
}

export const silentJournal: Journal = { notice: () => {}, warning: () => {}, alert: () => {} };
