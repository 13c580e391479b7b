/**
 * The files that a machine with systemd needs for Tandem as a service, as text. The unit is the one of the examples, with the
 * program's place in it.
 */
import { dirname } from 'node:path';
import type { Model } from '../config/model.ts';

export interface PackagedFile {
  readonly path: string;
  readonly text: string;
}

export interface PackagedInput {
  /** examples/tandem.service */
  readonly unit: string;
  /** How it is called; may be two words. */
  readonly program: string;
  readonly files: readonly string[];
  /** null: no haproxy.cfg, or one that cannot be read. */
  readonly model: Model | null;
  readonly hasRsyslog: boolean;
}

export const UNIT_PATH = '/etc/systemd/system/tandem.service';
export const SYSUSERS_PATH = '/etc/sysusers.d/tandem.conf';
export const TMPFILES_PATH = '/etc/tmpfiles.d/tandem.conf';
export const DEFAULT_PATH = '/etc/default/tandem';
const LOGROTATE_PATH = '/etc/logrotate.d/tandem';
const RSYSLOG_PATH = '/etc/rsyslog.d/49-tandem.conf';
const LOG_PATH = '/var/log/tandem.log';
/** Where the example says that the program is. */
const EXAMPLE_PROGRAM = '/usr/local/bin/tandem';

/** All that there can be; for removing them. */
export const PACKAGED_PATHS = [
  UNIT_PATH,
  SYSUSERS_PATH,
  TMPFILES_PATH,
  LOGROTATE_PATH,
  RSYSLOG_PATH,
  DEFAULT_PATH,
] as const;

export function packagedFiles(input: PackagedInput): readonly PackagedFile[] {
  const all = [
    { path: UNIT_PATH, text: unitText(input) },
    { path: SYSUSERS_PATH, text: SYSUSERS },
    { path: TMPFILES_PATH, text: tmpfiles(input.model) },
    { path: LOGROTATE_PATH, text: LOGROTATE },
    { path: DEFAULT_PATH, text: defaults(input.files) },
  ];
  return input.hasRsyslog ? [...all, { path: RSYSLOG_PATH, text: RSYSLOG }] : all;
}

/** A path that a unit and its environment file can hold without quotes. */
export function isPlainPath(path: string): boolean {
  return /^\/[\w./@:+,-]+$/.test(path);
}

function unitText({ unit, program }: PackagedInput): string {
  const body = unit.slice(unit.indexOf('\n[Unit]') + 1);
  return `# Tandem: both halves as one service. Files: ${DEFAULT_PATH}. Own changes: systemctl edit tandem.\n\n${body.replaceAll(
    `${EXAMPLE_PROGRAM} `,
    `${program} `,
  )}`;
}

function defaults(files: readonly string[]): string {
  return `# The files that tandem.service runs: a haproxy.cfg, a keepalived.conf, or both. They are checked before each start and
# reload (systemctl reload tandem).
TANDEM_FILES="${files.map((file) => `-f ${file}`).join(' ')}"
`;
}

const SYSUSERS = `# Who the data process runs as where 'global' names no user.
u tandem - "Tandem load balancer" /var/lib/tandem
`;

/** Folders of its sockets, and one with nothing in it to \`chroot\` to. */
function tmpfiles(model: Model | null): string {
  const own = ['d /run/tandem 0755 root root -', 'd /var/lib/tandem 0755 root root -'];
  return `# What must be there before the service starts.\n${[...own, ...foldersOf(model)].join('\n')}\n`;
}

/** Below /run nothing is left by the last boot, and the package that made them may be gone. */
function foldersOf(model: Model | null): readonly string[] {
  if (model === null) return [];
  const binds = [
    ...model.proxies.flatMap((proxy) => proxy.binds),
    ...model.global.stats.sockets.map(({ bind }) => bind),
  ];
  const paths = binds.flatMap(({ addresses }) =>
    addresses.flatMap((address) => (address.family === 'unix' ? [address.path] : [])),
  );
  const folders = [...paths, ...(model.global.pidFile === null ? [] : [model.global.pidFile])]
    .map((path) => dirname(path.replace(/^\/var\/run\//, '/run/')))
    .filter((folder) => folder.startsWith('/run/') && folder !== '/run/tandem');
  return [...new Set(folders)].map((folder) => `d ${folder} 0755 root root -`);
}

const RSYSLOG = `# What proxies log to /dev/log, by their tag (log-tag). Another snippet for haproxy, if there is one, comes before this one.
:programname, startswith, "haproxy" {
  ${LOG_PATH}
  stop
}
`;

const LOGROTATE = `${LOG_PATH} {
    daily
    rotate 7
    missingok
    notifempty
    compress
    delaycompress
    sharedscripts
    postrotate
        if [ -x /usr/lib/rsyslog/rsyslog-rotate ]; then
            /usr/lib/rsyslog/rsyslog-rotate
        else
            systemctl kill -s HUP rsyslog.service 2>/dev/null || true
        fi
    endscript
}
`;
