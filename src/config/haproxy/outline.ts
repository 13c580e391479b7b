/**
 * What a proxy consists of, line by line, with where each line was written: its own, and those of the defaults sections that
 * hold for it. A line that another one has replaced is not in it.
 *
 * Not here: which values come without a line (explain.ts).
 */
import type { Origin } from '../model.ts';
import { hideSecrets } from '../secrets.ts';
import { hasBackend, hasFrontend, type ProxyDraft } from './drafts.ts';
import { CHECK_OPTIONS } from './external-check.ts';
import type { Side } from './keyword.ts';
import { OPTIONS } from './options.ts';
import { PROXY_KEYWORDS } from './proxy-keywords.ts';
import type { Statement } from './statement.ts';
import { TIMEOUTS } from './timeouts.ts';

export interface OutlineLine {
  /** As it was understood: variables are their values, secrets are not shown. */
  readonly text: string;
  readonly origin: Origin;
  /** Of a defaults section. */
  readonly isInherited: boolean;
  /** `mode`, `option httplog`, `timeout client`. */
  readonly name: string;
}

export interface Outline {
  readonly kind: ProxyDraft['kind'];
  readonly name: string;
  readonly origin: Origin;
  readonly lines: readonly OutlineLine[];
}

/** Keywords whose second word is a part of their name. */
const TWO_WORDS: ReadonlySet<string> = new Set(['option', 'timeout']);
/** Each line of them counts; of the others, but for `log`, the last one. */
const EACH_COUNTS: ReadonlySet<string> = new Set([
  'acl',
  'bind',
  'capture',
  'default-server',
  'errorfiles',
  'force-persist',
  'http-check',
  'ignore-persist',
  'server',
  'server-template',
  'tcp-check',
  'use-server',
  'use_backend',
]);
/** Of these the last one holds, whichever it is. */
const RIVALS: readonly (readonly string[])[] = [
  ['disabled', 'enabled'],
  ['option http-keep-alive', 'option http-server-close', 'option httpclose'],
  ['option httplog', 'option tcplog', 'option tandem-jsonlog', 'log-format'],
  [...CHECK_OPTIONS].map((word) => `option ${word}`),
];

export function outlineOf(proxy: ProxyDraft): Outline {
  const inherited = inheritedStatements(proxy.base).filter((s) => concerns(proxy, s));
  const lines = [...inherited.map((s) => line(s, true)), ...proxy.statements.map((s) => line(s, false))];
  return {
    kind: proxy.kind,
    name: proxy.name,
    origin: proxy.statement.origin,
    lines: lines.filter(
      (one, at) => EACH_COUNTS.has(one.name) || !lines.slice(at + 1).some((later) => replaces(later, one)),
    ),
  };
}

function inheritedStatements(base: ProxyDraft | null): readonly Statement[] {
  return base === null ? [] : [...inheritedStatements(base.base), ...base.statements];
}

function line(s: Statement, isInherited: boolean): OutlineLine {
  const words = s.words.map(({ text }) => text);
  const said = words.map((word) =>
    /[\s"'#\\]/.test(word) || word === '' ? `"${word.replace(/["\\]/g, '\\$&')}"` : word,
  );
  const text = `${s.negation === 'none' ? '' : `${s.negation} `}${said.join(' ')}`;
  return { text: hideSecrets(words, text), origin: s.origin, isInherited, name: nameOf(s) };
}

function nameOf(s: Statement): string {
  return TWO_WORDS.has(s.text(0)) ? `${s.text(0)} ${s.text(1)}` : s.text(0);
}

const NO_LOG = 'no log';

/** `errorfile` and its like: one for each status. */
function keyOf({ name, text }: OutlineLine): string {
  if (!name.startsWith('errorfile') && !name.startsWith('errorloc')) return name;
  return `error ${text.split(' ')[1]}`;
}

function replaces(later: OutlineLine, one: OutlineLine): boolean {
  if (one.name === 'log') return later.text === NO_LOG;
  return keyOf(later) === keyOf(one) || RIVALS.some((names) => names.includes(later.name) && names.includes(one.name));
}

/** Where words have sides of their own. */
const OWN_SIDES: Readonly<Record<string, { readonly keywords: ReadonlyMap<string, { readonly side: Side }> }>> = {
  option: OPTIONS,
  timeout: TIMEOUTS,
};

function concerns(proxy: ProxyDraft, s: Statement): boolean {
  const own = OWN_SIDES[s.text(0)];
  const keyword = own === undefined ? PROXY_KEYWORDS.keywords.get(s.text(0)) : own.keywords.get(s.text(1));
  if (keyword?.side === 'frontend') return hasFrontend(proxy);
  return keyword?.side !== 'backend' || hasBackend(proxy);
}
