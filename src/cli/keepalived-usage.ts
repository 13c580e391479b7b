/** What tandem-keepalived says of itself: its usage, its version. */
import { packageVersion } from '../core/package-version.ts';

export const KEEPALIVED_USAGE = `Usage: tandem-keepalived [OPTION...]
  -f, --use-file=FILE          Use the specified configuration file
                                default '/etc/keepalived/keepalived.conf'
  -n, --dont-fork              Don't fork the daemon process
  -l, --log-console            Log messages to local console
  -D, --log-detail             Detailed log messages
  -S, --log-facility=([0-7]|local[0-7]|user|daemon)
                               Set syslog facility to LOG_LOCAL[0-7], user or daemon (default)
  -G, --no-syslog              Don't log via syslog
  -d, --dump-conf              Dump the configuration data
  -p, --pid=FILE               Use specified pidfile
  -r, --vrrp_pid=FILE          Write it here too
  -c, --checkers_pid=FILE      Write it here too
  -P, --vrrp                   Only run with VRRP subsystem
  -C, --check                  Only run with Health-checker subsystem
  -V, --dont-release-vrrp      Don't remove VRRP VIPs and VROUTEs on daemon stop
  -I, --dont-release-ipvs      Don't remove virtual servers from the kernel on daemon stop
  -e, --all-config             Error if any configuration file missing (same as includea)
  -i, --config-id id           Skip any configuration lines beginning '@' that don't match id
                                or any lines beginning @^ that do match.
                                The config-id defaults to the node name if option not used
      --signum=SIGFUNC         Return signal number for STOP, RELOAD, DATA, STATS,
                               STATS_CLEAR, JSON
  -t, --config-test[=LOG_FILE] Check the configuration for obvious errors, output to
                                stderr by default
  -v, --version                Display the version number
  -h, --help                   Display this help message
Accepted without effect: -B --all -g -u -X -R -a -b -x -A -m -M
`;

/** Which keepalived is followed. */
export const KEEPALIVED_VERSION = '2.2.7';

export function keepalivedVersionText(): string {
  return `Tandem v${packageVersion()} (keepalived configuration language ${KEEPALIVED_VERSION})\n`;
}
