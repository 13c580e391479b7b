/**
 * `option external-check`, `external-check command|path`: a program judges servers. It takes the word of the global
 * section, too, as HAProxy wants it: who runs programs has said so twice.
 */
import { hasBackend, type ProxyDraft, type ProxyTarget, proxyLabel } from './drafts.ts';
import type { Statement } from './statement.ts';

export function applyExternalCheck(s: Statement, _at: number, { proxy }: ProxyTarget): void {
  const what = s.text(1);
  if (what !== 'command' && what !== 'path') {
    s.error(1, 'bad-value', `'external-check' expects 'command' or 'path', not '${what}'`);
    return;
  }
  if (what === 'command') proxy.externalCheck.command = s.text(2);
  else proxy.externalCheck.path = s.text(2);
  proxy.externalCheck.statement = s;
}

/** Whichever `option` about checks comes last says how they are made. */
export const CHECK_OPTIONS: ReadonlySet<string> = new Set([
  'external-check',
  'httpchk',
  'ldap-check',
  'mysql-check',
  'pgsql-check',
  'redis-check',
  'smtpchk',
  'spop-check',
  'ssl-hello-chk',
  'tcp-check',
]);

export function checkExternalCheck(proxy: ProxyDraft, allowed: boolean): void {
  if (!hasBackend(proxy)) return;
  const { option, command, path, statement } = proxy.externalCheck;
  const label = proxyLabel(proxy);
  if (option !== null) {
    if (!allowed) {
      const message = `${label} has 'option external-check', and the global section does not allow programs`;
      option.error(1, 'missing-keyword', message, "write 'external-check' in the global section");
    }
    if (command === null) {
      const message = `${label} has 'option external-check' without a command`;
      option.error(1, 'missing-keyword', message, "add 'external-check command <program>'");
    }
  } else if (statement !== null) {
    statement.warning(0, 'no-effect', `${label} has 'external-check' lines without 'option external-check'`);
  }
  if (command !== null && !command.startsWith('/') && path === null) {
    const message = `the command '${command}' does not begin with '/', and there is no 'external-check path'`;
    (statement ?? proxy.statement).error(0, 'bad-value', message);
  }
}
