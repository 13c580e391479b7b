/**
 * `http-errors NAME`: a section of error pages, which proxies take over by `errorfiles NAME [status …]`. It may stand behind those
 * who name it, so a proxy remembers what it is to take over until all has been read; between `errorfile` and `errorfiles` the
 * later one counts.
 */
import type { ErrorFile } from '../model.ts';
import { nameArgument } from './arguments.ts';
import { type Loading, type ProxyDraft, type ProxyTarget, proxyLabel } from './drafts.ts';
import type { ErrorSection } from './error-draft.ts';
import { readErrorFile, statusArgument } from './error-files.ts';
import { applyKeyword, findKeyword, keywordTable, supported } from './keyword.ts';
import type { Statement } from './statement.ts';

interface SectionTarget {
  readonly section: ErrorSection;
  readonly loading: Loading;
}

export const ERROR_SECTION_KEYWORDS = keywordTable<SectionTarget>('`http-errors`', 'keyword', [
  supported('errorfile', '<status> <file>', '', (s, _at, { section, loading }) => {
    const file = readErrorFile(s, loading);
    if (file !== null) section.files.set(file.status, file);
  }),
]);

export function openErrorSection(s: Statement, loading: Loading): ErrorSection | null {
  if (!s.has(1)) {
    s.error(0, 'missing-argument', "'http-errors' expects a name");
    return null;
  }
  const name = nameArgument(s, 1, 'http-errors section');
  const twin = loading.errorSections.find((other) => other.name === name);
  if (twin !== undefined) {
    const { file, line } = twin.statement.origin;
    s.error(1, 'duplicate', `there is an http-errors section '${name}' already (${file}:${line})`);
  }
  const section = { name: s.text(1), statement: s, files: new Map<number, ErrorFile>() };
  loading.errorSections.push(section);
  return section;
}

export function applyErrorSectionStatement(s: Statement, section: ErrorSection, loading: Loading): void {
  const keyword = findKeyword(ERROR_SECTION_KEYWORDS, s, 0);
  if (keyword !== null) applyKeyword(ERROR_SECTION_KEYWORDS, keyword, s, 0, { section, loading });
}

export function applyErrorFiles(s: Statement, _at: number, { proxy }: ProxyTarget): void {
  const statuses = new Map<number, number>();
  for (let at = 2; s.has(at); at++) {
    const status = statusArgument(s, at);
    if (status !== null) statuses.set(status, at);
  }
  proxy.errorImports.push({ statement: s, statuses, before: new Map(proxy.errorFiles) });
}

/** Everything has been read: proxies take over what they asked for. */
export function importErrorFiles(proxy: ProxyDraft, sections: readonly ErrorSection[]): void {
  const imported = new Set<ErrorFile>();
  for (const { statement: s, statuses, before } of proxy.errorImports) {
    const section = sections.find(({ name }) => name === s.text(1));
    if (section === undefined) {
      s.error(
        1,
        'unknown-section',
        `${proxyLabel(proxy)} names the http-errors section '${s.text(1)}', which does not exist`,
      );
      continue;
    }
    for (const [status, at] of statuses) {
      if (section.files.has(status)) continue;
      s.warning(at, 'no-effect', `the http-errors section '${section.name}' has no page for ${status}`);
    }
    for (const [status, file] of section.files) {
      if (statuses.size > 0 && !statuses.has(status)) continue;
      const now = proxy.errorFiles.get(status);
      // What was written behind this line counts more.
      if (now !== before.get(status) && (now === undefined || !imported.has(now))) continue;
      proxy.errorFiles.set(status, file);
      imported.add(file);
    }
  }
}
