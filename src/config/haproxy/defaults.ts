/** Which defaults section a section starts from: the one behind `from`, or for a proxy the last one before it. */
import { type Loading, type ProxyDraft, proxyLabel } from './drafts.ts';
import type { Statement } from './statement.ts';

/** `at` is where `from` may stand. */
export function choiceOfDefaults(s: Statement, at: number, loading: Loading): ProxyDraft | null {
  if (!s.has(at)) return s.text(0) === 'defaults' ? null : lastDefaults(s, loading);
  if (s.text(at) !== 'from' || !s.has(at + 1)) {
    const hint = s.text(0) === 'defaults' ? undefined : "addresses belong on 'bind' lines";
    s.error(at, 'extra-argument', `'${s.text(0)}' takes a name and 'from <defaults>', not '${s.text(at)}'`, hint);
    return null;
  }
  if (s.has(at + 2)) s.error(at + 2, 'extra-argument', `'${s.text(0)}' does not take the argument '${s.text(at + 2)}'`);
  return namedDefaults(s, at + 1, loading);
}

function lastDefaults(s: Statement, loading: Loading): ProxyDraft | null {
  const last = loading.defaults.at(-1);
  if (last === undefined) return null;
  refer(s, last, 'implicitly');
  return last;
}

function namedDefaults(s: Statement, at: number, loading: Loading): ProxyDraft | null {
  const name = s.text(at);
  const [found, another] = loading.defaults.filter((defaults) => defaults.name === name);
  if (found === undefined) {
    s.error(at, 'unknown-defaults', `there is no defaults section '${name}' before this line`);
    return null;
  }
  if (another !== undefined) {
    const lines = `lines ${found.statement.origin.line} and ${another.statement.origin.line}`;
    s.error(at, 'ambiguous-defaults', `there are several defaults sections '${name}' (${lines})`);
  }
  if (/[^A-Za-z0-9.:_-]/.test(name)) s.error(at, 'bad-name', `a defaults section cannot be called '${name}' here`);
  refer(s, found, 'explicitly');
  return found;
}

/** HAProxy complains when a defaults section is used both ways: what a later proxy gets is then easily misread. */
function refer(s: Statement, defaults: ProxyDraft, how: 'explicitly' | 'implicitly'): void {
  if (defaults.referenced !== 'not' && defaults.referenced !== how) {
    const message = `${proxyLabel(defaults)} is both named by 'from' and used as the last one before a section`;
    s.warning(0, 'mixed-defaults', message, 'name it everywhere, or nowhere');
  }
  defaults.referenced = how;
}
