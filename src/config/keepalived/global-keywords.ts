/** Keywords of `global_defs` that concern the process, its scripts and its mail. Those of VRRP: global-vrrp.ts. */

import { GLOBAL_CHECKER_KEYWORDS } from './global-checker.ts';
import type { FifoDraft, GlobalDraft } from './global-draft.ts';
import { LATER_GLOBAL_KEYWORDS } from './global-later.ts';
import { GLOBAL_VRRP_KEYWORDS } from './global-vrrp.ts';
import { block, type Keyword, keywordTable, once, supported } from './keyword.ts';
import { readCommand } from './script-command.ts';
import { command, flag, integer, text, toggle, wholeSeconds } from './setters.ts';
import type { Statement } from './statement.ts';
import { readInteger, readInterface } from './values.ts';

const KEYWORDS: readonly Keyword<GlobalDraft>[] = [
  text('router_id', '<name>', 'routerId', "default: the host's name"),
  supported(
    'script_user',
    '<user> [group]',
    'who runs scripts; default keepalived_script if it exists',
    (s, global) => {
      global.scriptUser = { user: s.text(1), group: s.has(2) ? s.text(2) : null };
    },
  ),
  supported('enable_script_security', '', 'no script as root that somebody else could change', (_s, global) => {
    global.scriptSecurity = true;
  }),
  block('notification_email', '', 'one address a line', readRecipients),
  text('notification_email_from', '<address>', 'mailFrom', 'default keepalived@HOST'),
  supported('smtp_server', '<host> [port]', 'port 25 by default', readSmtpServer),
  wholeSeconds('smtp_connect_timeout', 'smtpTimeoutMs', [1, 3600], 'default 30'),
  text('smtp_helo_name', '<name>', 'heloName', "default: the host's name"),
  toggle('smtp_alert', 'smtpAlert', 'default for instances, groups, virtual servers and real servers'),
  toggle('smtp_alert_vrrp', 'smtpAlertVrrp', 'the same, and goes before it'),
  flag('no_email_faults', 'noEmailFaults', 'no mail about FAULT'),
  supported('default_interface', '<interface>', 'for static addresses without `dev`; default eth0', (s, global) => {
    global.defaultInterface = readInterface(s, 1) ?? global.defaultInterface;
  }),
  supported('dynamic_interfaces', '[allow_if_changes]', 'interfaces may come later', readDynamicInterfaces),
  integer('vrrp_priority', 'processPriority', [-20, 19], 'nice value of the control process'),
  integer('vrrp_rt_priority', 'realtimePriority', [1, 99], 'SCHED_RR for the control process'),
  flag('vrrp_no_swap', 'noSwap', 'memory of the control process is locked'),
  command('startup_script', 'startupScript', 'runs before anything else starts'),
  wholeSeconds('startup_script_timeout', 'startupScriptTimeoutMs', [1, 1000], 'default 10'),
  command('shutdown_script', 'shutdownScript', 'runs after everything has ended'),
  wholeSeconds('shutdown_script_timeout', 'shutdownScriptTimeoutMs', [1, 1000], 'default 10'),
  ...fifoKeywords('', 'one line a change, of instances and of virtual servers', ({ fifo }) => fifo),
  ...fifoKeywords('vrrp_', 'as notify_fifo, for instances alone', ({ vrrpFifo }) => vrrpFifo),
  ...fifoKeywords('lvs_', 'as notify_fifo, for virtual servers alone', ({ lvsFifo }) => lvsFifo),
  supported('reload_check_config', '[file]', 'always so: a file with an error changes nothing', (s) => {
    if (s.has(1)) s.warning(1, 'ignored-keyword', 'the name is ignored: problems go to the log');
  }),
  ...GLOBAL_CHECKER_KEYWORDS,
  ...GLOBAL_VRRP_KEYWORDS,
  ...LATER_GLOBAL_KEYWORDS,
];

export const GLOBAL_KEYWORDS = keywordTable<GlobalDraft>('global_defs', 'in global_defs', KEYWORDS);

function readRecipients(s: Statement, global: GlobalDraft): void {
  for (const line of s.children ?? []) {
    // Each word is an address: keepalived reads the block word by word.
    for (const [at, { text: address }] of line.words.entries()) {
      if (/^[^@\s]+@[^@\s]+$|^[\w.-]+$/.test(address)) global.recipients.push(address);
      else line.error(at, 'bad-address', `'${address}' is no mail address`);
    }
  }
}

function readSmtpServer(s: Statement, global: GlobalDraft): void {
  const port = s.has(2) ? readInteger(s, 2, 1, 65_535) : 25;
  if (port !== null) global.smtpServer = { host: s.text(1), port };
}

function readDynamicInterfaces(s: Statement, global: GlobalDraft): void {
  if (s.has(1) && s.text(1) !== 'allow_if_changes') {
    s.error(1, 'unknown-keyword', `unknown word '${s.text(1)}'`, "did you mean 'allow_if_changes'?");
    return;
  }
  global.dynamicInterfaces = true;
}

function fifoKeywords(
  prefix: string,
  note: string,
  fifoOf: (global: GlobalDraft) => FifoDraft,
): readonly Keyword<GlobalDraft>[] {
  return [
    once(supported(`${prefix}notify_fifo`, '<path> [user] [group]', note, (s, global) => readFifo(s, fifoOf(global)))),
    once(
      supported(
        `${prefix}notify_fifo_script`,
        '<command> ...',
        'reads the FIFO, which is its last argument',
        (s, global) => readFifoScript(s, fifoOf(global)),
      ),
    ),
  ];
}

function readFifo(s: Statement, fifo: FifoDraft): void {
  fifo.statement = s;
  fifo.path = s.text(1);
  fifo.user = s.has(2) ? s.text(2) : null;
  fifo.group = s.has(3) ? s.text(3) : null;
}

function readFifoScript(s: Statement, fifo: FifoDraft): void {
  fifo.statement ??= s;
  fifo.script = readCommand(s, true);
}
