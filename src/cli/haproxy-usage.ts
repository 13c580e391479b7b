/** What tandem-haproxy says of itself: its usage, its version, how it was built. */
import { HAPROXY_FEATURES } from '../config/haproxy/identity.ts';
import { haproxyVersionLine } from './version.ts';

export const HAPROXY_USAGE = `Usage : tandem-haproxy [-f <cfgfile|cfgdir>]* [ -vdVD ] [ -n <maxconn> ] [ -N <maxpconn> ]
        [ -p <pidfile> ] [ -m <max megs> ] [ -C <dir> ] [-- <cfgfile>*]
        -v displays version ; -vv shows known build options.
        -d enters debug mode ; -db only disables background mode.
        -V enters verbose mode (disables quiet mode)
        -D goes daemon ; -C changes to <dir> before loading files.
        -W master-worker mode.
        -Ws master-worker mode with systemd notify support.
        -S <bind>[,<bind options>...] new master CLI
        -q quiet mode : don't display messages
        -c check mode : only check config files and exit
        -cc check condition : evaluate a condition and exit
        -n sets the maximum total # of connections (instead of global maxconn)
        -m limits the usable amount of memory (in MB)
        -N sets the default, per-proxy maximum # of connections (0)
        -L set local peer name (default to hostname)
        -p writes the pid to this file
        -dR disables SO_REUSEPORT usage
        -dr ignores server address resolution failures
        -dW fails if any warning is emitted
        -dD diagnostic mode : warn about suspicious configuration statements
        -sf/-st [pid ]* finishes/terminates old pids.
        accepted without effect: -dM -dI -de -dp -dS -dG -dL -dK -dV -dC -dF -dZ, -x <unix_socket>
`;

export function versionText(): string {
  return `${haproxyVersionLine()}\nRunning on: Node ${process.version}, ${process.platform} ${process.arch}\n`;
}

export function buildText(): string {
  return `${versionText()}\nFeature list : ${HAPROXY_FEATURES}\n\nAvailable polling systems :\n      epoll : pref=300,  test result OK\nTotal: 1 (1 usable), will use epoll.\n`;
}
