/**
 * Sections: which one is open, what opening one does, and who its statements go to.
 *
 *   global                               merges when it is repeated
 *   defaults [NAME] [from DEFAULTS]      starts from HAProxy's presets, or from another defaults section
 *   http-errors NAME                     error pages that proxies take over
 *   frontend|backend|listen NAME [from DEFAULTS]   starts from the named defaults, or from the last ones before it
 */

import { nameArgument } from './arguments.ts';
import { choiceOfDefaults } from './defaults.ts';
import { hasBackend, hasFrontend, type Loading, newProxy, type ProxyDraft, proxyLabel } from './drafts.ts';
import type { ErrorSection } from './error-draft.ts';
import { applyErrorSectionStatement, openErrorSection } from './error-sections.ts';
import { applyGlobalStatement } from './global-keywords.ts';
import { inherit } from './inherit.ts';
import { findKeyword, type Keyword, keywordTable, supported, unsupported } from './keyword.ts';
import { applyProxyStatement } from './proxy-keywords.ts';
import type { Statement } from './statement.ts';

/** What statements belong to; 'skipped' is a section that was refused as a whole. */
export type Section =
  | { readonly kind: 'none' }
  | { readonly kind: 'skipped' }
  | { readonly kind: 'global' }
  | { readonly kind: 'http-errors'; readonly errors: ErrorSection }
  | { readonly kind: 'proxy'; readonly proxy: ProxyDraft };

interface SectionTarget {
  readonly loading: Loading;
  section: Section;
}

const LATER_SECTIONS: readonly Keyword<SectionTarget>[] = [
  ...unsupported<SectionTarget>('comes with the rules', 'userlist', 'cache', 'fcgi-app'),
  ...unsupported<SectionTarget>('names are resolved at start, by the system', 'resolvers'),
  ...unsupported<SectionTarget>('there are no tables to synchronize yet', 'peers'),
  ...unsupported<SectionTarget>('events go to the log', 'mailers'),
  ...unsupported<SectionTarget>('use a syslog server', 'ring', 'log-forward'),
  ...unsupported<SectionTarget>('start other programs with systemd', 'program'),
  ...unsupported<SectionTarget>('run one instance in each namespace', 'namespace_list'),
];

export const SECTIONS = keywordTable<SectionTarget>('Sections', 'section', [
  supported('global', '', 'may be repeated', (_s, _at, target) => {
    target.section = { kind: 'global' };
  }),
  supported('defaults', '[name] [from] [defaults]', '', openDefaults),
  supported('frontend', '<name> [from] [defaults]', '', openProxy),
  supported('backend', '<name> [from] [defaults]', '', openProxy),
  supported('listen', '<name> [from] [defaults]', 'a frontend and a backend in one', openProxy),
  supported('http-errors', '<name>', 'error pages for `errorfiles`', (s, _at, target) => {
    const errors = openErrorSection(s, target.loading);
    if (errors !== null) target.section = { kind: 'http-errors', errors };
  }),
  ...LATER_SECTIONS,
]);

/** Takes one statement and returns the section that is open afterwards. */
export function applyStatement(s: Statement, section: Section, loading: Loading): Section {
  const word = s.text(0);
  if (SECTIONS.keywords.has(word)) return openSection(s, loading);
  switch (section.kind) {
    case 'none':
      s.error(
        0,
        'no-section',
        `'${word}' stands outside of any section`,
        "begin with 'global', 'defaults', 'frontend' …",
      );
      return section;
    case 'skipped':
      return section;
    case 'global':
      applyGlobalStatement(s, loading);
      return section;
    case 'http-errors':
      applyErrorSectionStatement(s, section.errors, loading);
      return section;
    case 'proxy':
      section.proxy.statements.push(s);
      applyProxyStatement(s, { proxy: section.proxy, loading });
      return section;
  }
}

function openSection(s: Statement, loading: Loading): Section {
  const keyword = findKeyword(SECTIONS, s, 0);
  if (keyword === null) return { kind: 'skipped' };
  const target: SectionTarget = { loading, section: { kind: 'skipped' } };
  if (word(s) === 'global' && s.has(1))
    s.error(1, 'extra-argument', `'global' does not take the argument '${s.text(1)}'`);
  keyword.apply?.(s, 0, target);
  return target.section;
}

function word(s: Statement): string {
  return s.text(0);
}

function openDefaults(s: Statement, _at: number, target: SectionTarget): void {
  const { loading } = target;
  // `defaults from OTHER` has no name.
  const unnamed = s.text(1) === 'from' && s.has(2) && !s.has(3);
  const proxy = newProxy('defaults', unnamed ? '' : s.text(1), s);
  const from = choiceOfDefaults(s, unnamed ? 1 : 2, loading);
  if (from !== null) inherit(proxy, from);
  loading.defaults.push(proxy);
  target.section = { kind: 'proxy', proxy };
}

function openProxy(s: Statement, _at: number, target: SectionTarget): void {
  const { loading } = target;
  const kind = s.text(0) === 'frontend' ? 'frontend' : s.text(0) === 'backend' ? 'backend' : 'listen';
  if (!s.has(1)) s.error(1, 'missing-argument', `'${kind}' expects a name`);
  nameArgument(s, 1, kind);
  const proxy = newProxy(kind, s.text(1), s);
  target.section = { kind: 'proxy', proxy };
  const twin = loading.proxies.find(
    (other) =>
      other.name === proxy.name &&
      ((hasFrontend(other) && hasFrontend(proxy)) || (hasBackend(other) && hasBackend(proxy))),
  );
  if (twin !== undefined) {
    const { file, line } = twin.statement.origin;
    s.error(1, 'duplicate', `${kind} '${proxy.name}' has the same name as ${proxyLabel(twin)} (${file}:${line})`);
  }
  const from = choiceOfDefaults(s, 2, loading);
  if (from !== null) inherit(proxy, from);
  loading.proxies.push(proxy);
}
