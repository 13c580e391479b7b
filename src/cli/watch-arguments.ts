/** The command lines of `tandem status`, `tandem top` and `tandem logs`. */
import { parseArgs } from 'node:util';
import { type LogFilter, readMilliseconds, readStatuses } from './log-view.ts';

export const WATCH_USAGE = `Usage: tandem status [--watch] [--json] [--all] [--socket PATH | -f FILE…]
       tandem top [--socket PATH | -f FILE…]
       tandem logs [-f FILE…] [--follow] [--status LIST] [--backend NAME] [--slow TIME]

  --socket PATH      the running program's stats socket
  -f FILE            status, top: the files that name the socket; without: /run/tandem/admin.sock, /run/haproxy/admin.sock,
                     /var/lib/haproxy/stats, the first that is there
  --watch            status: again every second, until q
  --json             status: for programs, one line
  --all              status: every server of large backends, too
                     status ends with 0: all is well, 3: it serves but something is lost, 1: something does not serve, or
                     nobody answers

  -f FILE            logs: the log, - for a pipe; without: a pipe, else 'journalctl -u tandem'
  --follow           logs: what is appended later, too
  --status LIST      logs: only these: 5xx, 404, 200-299, with commas between them
  --backend NAME     logs: only what went to that backend
  --slow TIME        logs: only what took so long: 250, 250ms, 1.5s

Colours are for terminals, and not where NO_COLOR is set.
`;

export const WATCH_COMMANDS = ['status', 'top', 'logs'] as const;
export type WatchCommand = (typeof WATCH_COMMANDS)[number];

export interface WatchArguments {
  readonly command: WatchCommand;
  readonly files: readonly string[];
  readonly socket: string | null;
  readonly watch: boolean;
  readonly json: boolean;
  readonly all: boolean;
  readonly follow: boolean;
  readonly filter: LogFilter;
}

export function isWatchCommand(word: string | undefined): word is WatchCommand {
  return WATCH_COMMANDS.some((command) => command === word);
}

const FILE = { file: { type: 'string', short: 'f', multiple: true }, help: { type: 'boolean', short: 'h' } } as const;
const SOCKET = { socket: { type: 'string' } } as const;
const OPTIONS = {
  status: {
    ...FILE,
    ...SOCKET,
    watch: { type: 'boolean', short: 'w' },
    json: { type: 'boolean' },
    all: { type: 'boolean' },
  },
  top: { ...FILE, ...SOCKET },
  logs: {
    ...FILE,
    follow: { type: 'boolean', short: 'F' },
    status: { type: 'string' },
    backend: { type: 'string' },
    slow: { type: 'string' },
  },
} as const;

/** A text: what is wrong with it; null: help is wanted. */
export function readWatchArguments(command: WatchCommand, words: readonly string[]): WatchArguments | string | null {
  let values: Readonly<Record<string, unknown>>;
  try {
    ({ values } = parseArgs({ args: [...words], options: OPTIONS[command], allowPositionals: false }));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  if (values['help'] === true) return null;
  const text = (name: string): string | null => {
    const value = values[name];
    return typeof value === 'string' ? value : null;
  };
  const statuses = readStatuses(text('status') ?? '');
  if (text('status') !== null && statuses === null)
    return `--status takes 5xx, 404, 200-299, …, not '${text('status')}'`;
  const slow = text('slow');
  const slowMs = slow === null ? null : readMilliseconds(slow);
  if (slow !== null && slowMs === null) return `--slow takes a time like 250ms or 1.5s, not '${slow}'`;
  const files = Array.isArray(values['file']) ? values['file'].filter((file) => typeof file === 'string') : [];
  return {
    command,
    files,
    socket: text('socket'),
    watch: values['watch'] === true,
    json: values['json'] === true,
    all: values['all'] === true,
    follow: values['follow'] === true,
    filter: { statuses: statuses ?? [], backend: text('backend'), slowMs },
  };
}
