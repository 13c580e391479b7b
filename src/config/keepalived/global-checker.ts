/** Keywords of `global_defs` that concern virtual servers and their checks. */
import type { GlobalDraft } from './global-draft.ts';
import { type Keyword, supported } from './keyword.ts';
import { toggle } from './setters.ts';
import type { Statement } from './statement.ts';
import { readInteger, readSwitch } from './values.ts';

/** 31 days, as in keepalived. */
const MOST_S = 2_678_400;

export const GLOBAL_CHECKER_KEYWORDS: readonly Keyword<GlobalDraft>[] = [
  toggle('smtp_alert_checker', 'smtpAlertChecker', 'default for virtual servers (off) and real servers (on)'),
  supported('no_checker_emails', '[bool]', 'mails only when a real server changes, not for each check', (s, global) => {
    const none = readSwitch(s, 1);
    if (none !== null) global.checkerMails = !none;
  }),
  toggle('checker_log_all_failures', 'logAllFailures', 'for all checks: also those that are tried again'),
  toggle('rs_init_notifies', 'rsInitNotifies', 'notifiers of real servers run at the start, too'),
  supported(
    'lvs_timeouts',
    '<tcp|tcpfin|udp> <seconds> ...',
    'with DR: after how long without a packet a connection is forgotten; tcp 900, tcpfin (one that begins or ends) 60, udp 300; 0: the default; with NAT: sysctls net.netfilter.nf_conntrack_*_timeout_*',
    readTimeouts,
  ),
  supported(
    'lvs_flush_on_stop',
    '[VS]',
    'always so: rules go in one transaction at the end, unless `tandem { virtual_servers_at_stop keep }`',
    readFlush,
  ),
  supported('lvs_flush_onstop', '[VS]', 'the older name of lvs_flush_on_stop', readFlush),
];

function readFlush(s: Statement): void {
  if (s.has(1) && s.text(1) !== 'VS') s.error(1, 'bad-value', `there is no '${s.text(1)}'`, 'VS, or nothing');
}

function readTimeouts(s: Statement, { flowTimeouts }: GlobalDraft): void {
  for (let at = 1; s.has(at); at += 2) {
    const word = s.text(at);
    if (word !== 'tcp' && word !== 'tcpfin' && word !== 'udp') {
      s.error(at, 'unknown-keyword', `there is no time called '${word}'`, 'tcp, tcpfin or udp');
      return;
    }
    if (!s.has(at + 1)) {
      s.error(at + 1, 'missing-argument', `'${word}' lacks its seconds`, `${word} 900`);
      return;
    }
    const seconds = readInteger(s, at + 1, 0, MOST_S);
    if (seconds !== null) flowTimeouts[word] = seconds === 0 ? null : seconds;
  }
}
