/**
 * Where the two programs differ on purpose: each with its reason, and how lines are written so that they are alike. What is
 * in no row is a finding.
 */
import type { World } from './world.ts';

interface Difference {
  readonly name: string;
  readonly why: string;
  readonly applies?: (world: World) => boolean;
  readonly alike: (line: string, world: World) => string | null;
}

const isField = (line: string, name: string): boolean => line.includes(`: ${name}: `);
const namedByConnection = (world: World): string =>
  world.clients
    .flatMap(({ requests }) => requests.flatMap(({ headers }) => headers))
    .filter((header) => /^connection:/i.test(header))
    .join(',')
    .toLowerCase();

export const DIFFERENCES: readonly Difference[] = [
  {
    name: 'Connection, Keep-Alive and what Connection names',
    why:
      'RFC 9110 7.6.1: they are about one connection; haproxy passes them on, but for its own words. Who ends a connection is ' +
      'compared, how it is announced is not: haproxy tells HTTP/1.0 clients and leaves out others (RFC 9112 9.6)',
    alike: (line, world) => {
      const name = /: ([^ :]+): /.exec(line)?.[1] ?? '';
      const isNamed = name.startsWith('x-') && namedByConnection(world).includes(name);
      return name === 'connection' || name === 'keep-alive' || isNamed ? null : line;
    },
  },
  {
    name: 'a target in absolute-form goes on in origin-form',
    why: 'RFC 9112 3.2.1; haproxy leaves it as it is',
    alike: (line) => (line.startsWith('server ') ? line.replace(/: (\S+) http:\/\/[^/ ]+(\/?)/i, ': $1 $2') : line),
  },
  {
    name: 'an answer without a length stays one',
    why: 'it ends with its connection in both; haproxy also writes chunks to a client of HTTP/1.1, and says so to HEAD',
    alike: (line) => (line.startsWith('client') && isField(line, 'transfer-encoding') ? null : line),
  },
  {
    name: 'an answer that was cut off ends with a reset',
    why: 'one without a length would look complete after a FIN, which is how haproxy ends it',
    alike: (line) => line.replace(/^(client \d+) ended reset$/, '$1 ended by the proxy'),
  },
  {
    name: 'which idle connection a request goes on',
    why:
      'with retry-on haproxy lets a first request, too, go on one that may be dead, as it would be sent again; with usesrc ' +
      'it uses connections again for the first client only',
    applies: (world) => world.backend.some((line) => line.startsWith('retry-on') || line.includes('usesrc')),
    alike: (line) => (/^server \d+ then: connection /.test(line) ? null : line),
  },
  {
    name: 'what a backend has had in all, when it stops',
    why: 'the sum of its servers, which is counted anyway; haproxy counts streams that got none, too',
    alike: (line) => line.replace(/(Proxy \S+ stopped \(cumulated conns: FE: \d+, BE: )\d+/, '$1n'),
  },
];

/** Lines as if there were no such differences. */
export function alike(world: World, lines: readonly string[]): string[] {
  const rows = DIFFERENCES.filter(({ applies }) => applies === undefined || applies(world));
  return lines.flatMap((line) => {
    let one: string | null = line;
    for (const row of rows) if (one !== null) one = row.alike(one, world);
    return one === null ? [] : [one];
  });
}
