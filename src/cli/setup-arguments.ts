/** The command lines of `tandem install`, `uninstall` and `migrate`. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export const SETUP_COMMANDS = ['install', 'uninstall', 'migrate'] as const;
export type SetupCommand = (typeof SETUP_COMMANDS)[number];

export const SETUP_USAGE: Readonly<Record<SetupCommand, string>> = {
  install: `Usage: tandem install [--dry-run] [--force] [--root DIR] [--haproxy-cfg FILE] [--keepalived-conf FILE]

Makes Tandem a service of systemd: writes its unit, user, folders, log rotation and /etc/default/tandem. Says each file. Once more
it changes what has changed here, and nothing that somebody else has changed. It starts nothing.

  --dry-run               only say what would be done
  --force                 write files anew that somebody has changed
  --remove                the same as tandem uninstall
  --root DIR              below this folder, which is to become a machine; nothing is run
  --haproxy-cfg FILE      instead of /etc/haproxy/haproxy.cfg
  --keepalived-conf FILE  instead of /etc/keepalived/keepalived.conf
`,
  uninstall: `Usage: tandem uninstall [--dry-run] [--force] [--root DIR]

Stops the service and removes what tandem install has written. Files that somebody has changed stay.

  --dry-run  only say what would be done
  --force    remove those, too
  --root DIR below this folder
`,
  migrate: `Usage: tandem migrate [--to tandem|haproxy] [--apply] [--root DIR] [--haproxy-cfg FILE] [--keepalived-conf FILE]

Takes this machine from haproxy and keepalived to Tandem, or back. Checks the files, says what differs and each step; does them
with --apply only, and stops at the first one that fails.

  --to tandem             (default) their files as they are, Tandem as the service
  --to haproxy            the services that there were before
  --apply                 do it
  --dry-run               only say what would be done (default)
  --force                 write files anew that somebody has changed
  --root DIR              below this folder, which is to become a machine; nothing is started
  --haproxy-cfg FILE      instead of the one that the haproxy service has
  --keepalived-conf FILE  instead of /etc/keepalived/keepalived.conf
`,
};

export interface SetupArguments {
  readonly help: boolean;
  readonly dryRun: boolean;
  readonly force: boolean;
  readonly remove: boolean;
  readonly to: 'tandem' | 'haproxy';
  /** Empty: this machine. */
  readonly root: string;
  /** null: where they usually are. */
  readonly haproxyCfg: string | null;
  readonly keepalivedConf: string | null;
}

export function isSetupCommand(word: string | undefined): word is SetupCommand {
  return SETUP_COMMANDS.some((command) => command === word);
}

/** A text says what is wrong. */
export function parseSetup(command: SetupCommand, args: readonly string[]): SetupArguments | string {
  const parsed = parse(command, args);
  if (typeof parsed === 'string') return parsed;
  const { values } = parsed;
  const { to = 'tandem', root } = values;
  if (to !== 'tandem' && to !== 'haproxy') return `--to is tandem or haproxy, not '${to}'`;
  const dry = values['dry-run'] ?? false;
  if (dry && values.apply) return '--dry-run and --apply contradict each other';
  return {
    help: values.help ?? false,
    dryRun: command === 'migrate' ? !(values.apply ?? false) : dry,
    force: values.force ?? false,
    remove: values.remove ?? false,
    to,
    root: root === undefined || resolve(root) === '/' ? '' : resolve(root),
    haproxyCfg: values['haproxy-cfg'] ?? null,
    keepalivedConf: values['keepalived-conf'] ?? null,
  };
}

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  'dry-run': { type: 'boolean' },
  force: { type: 'boolean' },
  root: { type: 'string' },
  'haproxy-cfg': { type: 'string' },
  'keepalived-conf': { type: 'string' },
  remove: { type: 'boolean' },
  apply: { type: 'boolean' },
  to: { type: 'string' },
} as const;

/** Those that not every command has. */
const ONLY: Readonly<Record<string, readonly SetupCommand[]>> = {
  'haproxy-cfg': ['install', 'migrate'],
  'keepalived-conf': ['install', 'migrate'],
  remove: ['install'],
  apply: ['migrate'],
  to: ['migrate'],
};

function parse(command: SetupCommand, args: readonly string[]) {
  try {
    const parsed = parseArgs({ args: [...args], options: OPTIONS });
    const odd = Object.keys(parsed.values).find((name) => !(ONLY[name]?.includes(command) ?? true));
    return odd === undefined ? parsed : `there is no option --${odd} here`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
