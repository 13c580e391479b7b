/**
 * What the services of haproxy and keepalived were told beside their configuration files, and Tandem will not know of:
 * options in environment files.
 */
import type { Box } from './box.ts';

const FILES: readonly { readonly path: string; readonly names: readonly string[] }[] = [
  { path: '/etc/default/haproxy', names: ['EXTRAOPTS'] },
  { path: '/etc/sysconfig/haproxy', names: ['OPTIONS', 'EXTRAOPTS', 'CFGDIR'] },
  { path: '/etc/default/keepalived', names: ['DAEMON_ARGS'] },
  { path: '/etc/sysconfig/keepalived', names: ['KEEPALIVED_OPTIONS'] },
];
/** What distributions put there, and what means the same without being said. */
const HARMLESS: ReadonlySet<string> = new Set(['', '-D', '-S /run/haproxy-master.sock', '/etc/haproxy/conf.d']);

/** Where the haproxy service finds its file. */
export function configuredHaproxyFile(box: Box): string | null {
  for (const path of ['/etc/default/haproxy', '/etc/sysconfig/haproxy']) {
    const value = settingIn(box.read(path) ?? '', 'CONFIG');
    if (value !== null && value !== '') return value;
  }
  return null;
}

export function leftBehind(box: Box): readonly string[] {
  return FILES.flatMap(({ path, names }) => {
    const text = box.read(path) ?? '';
    return names.flatMap((name) => {
      const value = settingIn(text, name);
      return value === null || HARMLESS.has(value) ? [] : [`${path}: ${name}="${value}" is not carried over`];
    });
  });
}

/** null: it is not set. The last one counts. */
function settingIn(text: string, name: string): string | null {
  const line = text.split('\n').findLast((one) => one.trimStart().startsWith(`${name}=`));
  if (line === undefined) return null;
  return line
    .slice(line.indexOf('=') + 1)
    .trim()
    .replace(/^(["'])(.*)\1$/, '$2');
}
