/**
 * A world that shows a difference, made small: each of its pieces is left out in a world of its own, all of them in one
 * file. The pieces without which the difference is still there are then left out together, or half of them, until none is
 * left that could be.
 */
import type { Compared, Comparison, Verdict } from './comparison.ts';
import { IMPATIENT } from './side.ts';
import type { Answer, Client, Request, World } from './world.ts';

const ROUNDS = 12;
const AT_A_TIME = 60;

type Different = Verdict & { readonly kind: 'different' };

interface Small {
  readonly world: World;
  readonly verdict: Different;
}

/** A piece: where it is. Those within it are named after it. */
type Piece = string;

function piecesOf(world: World): Piece[] {
  const pieces: Piece[] = [];
  const each = (list: readonly unknown[], name: string): void => {
    for (const i of list.keys()) pieces.push(`${name}${i}`);
  };
  each(world.clients, 'client');
  each(world.servers, 'server');
  each(world.backend, 'backend');
  each(world.frontend, 'frontend');
  each(world.bind, 'bind');
  if (world.split) pieces.push('split');
  if (world.unixBind) pieces.push('unixBind');
  for (const [s, { parameters, check, kind }] of world.servers.entries()) {
    each(parameters, `server${s}.parameter`);
    if (check !== null) pieces.push(`server${s}.check`);
    if (kind !== 'up') pieces.push(`server${s}.kind`);
  }
  for (const [c, { requests }] of world.clients.entries()) {
    each(requests, `client${c}.request`);
    for (const [r, request] of requests.entries()) {
      const at = `client${c}.request${r}`;
      each(request.headers, `${at}.header`);
      each(request.answers, `${at}.answer`);
      pieces.push(`${at}.target`, `${at}.method`);
      if (request.jar) pieces.push(`${at}.jar`);
      if (request.pipelined) pieces.push(`${at}.pipelined`);
      for (const [a, { says }] of request.answers.entries()) each(fieldsOf(says), `${at}.answer${a}.field`);
    }
  }
  return pieces;
}

const headOf = (says: string): string => says.slice(0, Math.max(0, says.indexOf('\r\n\r\n')));
const fieldsOf = (says: string): string[] => headOf(says).split('\r\n').slice(1);

function without(world: World, gone: ReadonlySet<Piece>): World {
  const kept = <T>(list: readonly T[], name: string): T[] => list.filter((_, i) => !gone.has(`${name}${i}`));
  const answer = (one: Answer, at: string): Answer => {
    const head = headOf(one.says);
    const [startLine = '', ...fields] = head.split('\r\n');
    const says =
      head === '' ? one.says : [startLine, ...kept(fields, `${at}.field`)].join('\r\n') + one.says.slice(head.length);
    return { ...one, says };
  };
  const request = (one: Request, at: string): Request => {
    const [method = '', target = '', version = ''] = one.startLine.split(' ');
    const words = [gone.has(`${at}.method`) ? 'GET' : method, gone.has(`${at}.target`) ? '/' : target, version];
    return {
      ...one,
      startLine: words.join(' '),
      headers: kept(one.headers, `${at}.header`),
      jar: one.jar && !gone.has(`${at}.jar`),
      pipelined: one.pipelined && !gone.has(`${at}.pipelined`),
      answers: kept(
        one.answers.map((each, a) => answer(each, `${at}.answer${a}`)),
        `${at}.answer`,
      ),
    };
  };
  const client = (one: Client, at: string): Client => ({
    ...one,
    requests: kept(
      one.requests.map((each, r) => request(each, `${at}.request${r}`)),
      `${at}.request`,
    ),
  });
  return {
    ...world,
    split: world.split && !gone.has('split'),
    unixBind: world.unixBind && !gone.has('unixBind'),
    bind: kept(world.bind, 'bind'),
    frontend: kept(world.frontend, 'frontend'),
    backend: kept(world.backend, 'backend'),
    servers: kept(
      world.servers.map((one, s) => ({
        parameters: kept(one.parameters, `server${s}.parameter`),
        check: gone.has(`server${s}.check`) ? null : one.check,
        kind: gone.has(`server${s}.kind`) ? 'up' : one.kind,
      })),
      'server',
    ),
    clients: kept(
      world.clients.map((one, c) => client(one, `client${c}`)),
      'client',
    ).filter(({ requests }) => requests.length > 0),
  };
}

/** null: it does not show it the second time. */
export async function smaller(comparison: Comparison, world: World, verdict: Different): Promise<Small | null> {
  const shown = (one: Compared | undefined): Small | null =>
    one?.verdict.kind === 'different' && one.verdict.about === verdict.about && one.world !== null
      ? { world: one.world, verdict: one.verdict }
      : null;
  const tried = async (some: readonly World[]): Promise<(Small | null)[]> => {
    const results: (Small | null)[] = [];
    for (let at = 0; at < some.length; at += AT_A_TIME)
      results.push(...(await comparison.compare(some.slice(at, at + AT_A_TIME), IMPATIENT)).map(shown));
    return results;
  };
  const [again] = await comparison.compare([world]);
  let best = shown(again);
  for (let round = 0; round < ROUNDS && best !== null; round++) {
    const { world: now } = best;
    const pieces = piecesOf(now);
    const one = await tried(pieces.map((piece) => without(now, new Set([piece]))));
    const idle = pieces.filter((_, i) => one[i] !== null);
    if (idle.length === 0) break;
    const shares = [1, 0.5, 0.25, 0.1].map((share) => Math.max(1, Math.ceil(idle.length * share)));
    const several = shares.flatMap((size) => [idle.slice(0, size), idle.slice(-size)]);
    const many = await tried(several.map((some) => without(now, new Set(some))));
    best = many.find((found) => found !== null) ?? one.find((found) => found !== null) ?? best;
  }
  return best;
}
