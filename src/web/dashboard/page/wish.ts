/** What somebody may want to change, as it is asked back and sent. */
import type { ShownServer } from '../shown.ts';
import type { ShownRealServer } from '../shown-virtual-server.ts';

export type ServerChange = 'ready' | 'drain' | 'maint' | 'weight';
export type RealServerChange = 'release' | 'up' | 'down' | 'drain' | 'weight';
export type RouterChange = 'release' | 'master' | 'backup' | 'fault';

export interface Wish {
  /** Of what: `app/s1`. */
  readonly target: string;
  readonly what: string;
  readonly verb: string;
  readonly text: string;
  /** The one that it has, where another one is wanted; null: it is not about that. */
  readonly weight: string | null;
  /** What a weight may be. */
  readonly pattern: string;
  /** What is sent beside it. */
  readonly body: Readonly<Record<string, string>>;
}

type Question = Pick<Wish, 'verb' | 'text'>;

const SERVER: Readonly<Record<ServerChange, Question>> = {
  ready: { verb: 'Make ready', text: 'New clients are sent to it again, as its checks and its weight allow.' },
  drain: { verb: 'Drain', text: 'It keeps the clients that stay with it. Others go elsewhere. Checks go on.' },
  maint: {
    verb: 'Put into maintenance',
    text: 'Nobody is sent to it any more, and it is not checked. What is open is finished.',
  },
  weight: { verb: 'Set weight of', text: 'Its share of the traffic: 0 to 256, or a percentage of what is configured.' },
};

const REAL: Readonly<Record<RealServerChange, Question>> = {
  release: { verb: 'Release', text: 'Its checks decide again, with the weight of the file.' },
  up: { verb: 'Hold up', text: 'It gets clients whatever its checks say, until it is released.' },
  down: {
    verb: 'Hold down',
    text: 'It is out as if a check had failed, until it is released. Scripts run, and the quorum counts.',
  },
  drain: { verb: 'Drain', text: 'It keeps the connections that it has, and gets no others, until it is released.' },
  weight: { verb: 'Set weight of', text: 'Its share of new connections: 0 to 65535, until it is released.' },
};

const ROUTER: Readonly<Record<RouterChange, Question>> = {
  release: { verb: 'Release', text: 'It decides by itself again: the better one of the two becomes master.' },
  master: { verb: 'Make master', text: 'It takes the addresses over, with its sync group, until it is released.' },
  backup: {
    verb: 'Make backup',
    text: 'It hands its addresses over, with its sync group, and takes none back until it is released, even if nobody else is there.',
  },
  fault: { verb: 'Put into FAULT', text: 'Its addresses go at once, with its sync group, until it is released.' },
};

export function serverWish(backend: string, { name, weight }: ShownServer, what: ServerChange): Wish {
  return {
    ...{ target: `${backend}/${name}`, what, ...SERVER[what] },
    weight: what === 'weight' ? String(weight) : null,
    pattern: '\\d{1,3}|\\d{1,5}%',
    body: { kind: 'server', backend, server: name },
  };
}

export function realServerWish(virtual: string, { name, weight }: ShownRealServer, what: RealServerChange): Wish {
  return {
    ...{ target: name, what, ...REAL[what] },
    weight: what === 'weight' ? String(weight) : null,
    pattern: '\\d{1,5}',
    body: { kind: 'real-server', virtual, server: name },
  };
}

export function routerWish(router: string, what: RouterChange): Wish {
  return { ...{ target: router, what, ...ROUTER[what] }, weight: null, pattern: '', body: { kind: 'router', router } };
}
