/**
 * Patterns of `include`: `*`, `?`, `[a-z]`, `{a,b}`, in the order of the names, hidden files only where the pattern says
 * the dot: glob(3) with GLOB_BRACE, which is what keepalived asks. Not here: reading (reader.ts).
 */
import { join } from 'node:path';

export type ListFolder = (path: string) => readonly string[];

export function hasWildcard(pattern: string): boolean {
  return /[*?[{]/.test(pattern);
}

/** Names that match; a pattern without wildcards is given back as it is, whether the file is there or not. */
export function expandGlob(pattern: string, listFolder: ListFolder): readonly string[] {
  return expandBraces(pattern).flatMap((one) => expandPath(one, listFolder));
}

/** `a{b,c}d` → `abd`, `acd`; nested braces too. */
export function expandBraces(pattern: string): readonly string[] {
  const open = pattern.indexOf('{');
  if (open < 0) return [pattern];
  let depth = 0;
  let partFrom = open + 1;
  const parts: string[] = [];
  for (let index = open; index < pattern.length; index++) {
    const character = pattern[index];
    if (character === '{') depth++;
    else if (character === ',' && depth === 1) {
      parts.push(pattern.slice(partFrom, index));
      partFrom = index + 1;
    } else if (character === '}' && --depth === 0) {
      parts.push(pattern.slice(partFrom, index));
      const before = pattern.slice(0, open);
      const after = pattern.slice(index + 1);
      return parts.flatMap((part) => expandBraces(`${before}${part}${after}`));
    }
  }
  return [pattern];
}

function expandPath(pattern: string, listFolder: ListFolder): readonly string[] {
  if (!/[*?[]/.test(pattern)) return [pattern];
  const absolute = pattern.startsWith('/');
  let found: readonly string[] = [absolute ? '/' : '.'];
  for (const segment of pattern.split('/').filter((part) => part !== '')) {
    found = found.flatMap((folder) => expandSegment(folder, segment, listFolder));
  }
  return [...found].sort();
}

function expandSegment(folder: string, segment: string, listFolder: ListFolder): readonly string[] {
  if (!/[*?[]/.test(segment)) return [join(folder, segment)];
  const pattern = segmentPattern(segment);
  if (pattern === null) return [];
  return list(folder, listFolder)
    .filter((name) => (segment.startsWith('.') || !name.startsWith('.')) && pattern.test(name))
    .map((name) => join(folder, name));
}

/** A folder that cannot be read has no files, as in glob(3). */
function list(folder: string, listFolder: ListFolder): readonly string[] {
  try {
    return listFolder(folder);
  } catch {
    return [];
  }
}

/** null: a range that is none, such as `[z-a]`; nothing matches it. */
function segmentPattern(segment: string): RegExp | null {
  const source = segment.replace(/\[!?[^\]]+\]|[*?]|[\\^$.|+(){}[\]]/g, (part) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    if (part.length > 1) return part.replace(/^\[!/, '[^').replaceAll('\\', '\\\\');
    return `\\${part}`;
  });
  try {
    return new RegExp(`^${source}$`, 's');
  } catch {
    return null;
  }
}
