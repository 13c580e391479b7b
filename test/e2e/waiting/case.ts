/** What happens to requests that wait, step by step; each is over before the next begins. */

export type Step =
  /** A client asks for `/NAME`: it gets to a server, into a queue, or an answer. */
  | { readonly do: 'ask'; readonly name: string; readonly cookie?: string }
  /** A server has had so many requests. */
  | { readonly do: 'had'; readonly server: string; readonly requests: number }
  /** A server answers the oldest request that it has, and the client has the answer. */
  | { readonly do: 'answer'; readonly server: string }
  /** The client of that request says no more. `logged`: that is the end of the request. */
  | { readonly do: 'ends'; readonly name: string; readonly logged: boolean }
  /** On the stats socket. */
  | { readonly do: 'command'; readonly text: string };

export interface Case {
  readonly what: string;
  readonly lines: readonly string[];
  /** `name parameters …` */
  readonly servers: readonly string[];
  readonly steps: readonly Step[];
}

const ask = (name: string, cookie?: string): Step =>
  cookie === undefined ? { do: 'ask', name } : { do: 'ask', name, cookie };
const answer = (server: string): Step => ({ do: 'answer', server });
const command = (text: string): Step => ({ do: 'command', text });
const had = (server: string, requests: number): Step => ({ do: 'had', server, requests });

const TIED = ['cookie S insert indirect'];
const PAIR = ['a cookie a maxconn 1 maxqueue 1', 'b cookie b maxconn 1'];
const REDISPATCH = 'option redispatch';
const OPTIONS = ['', REDISPATCH, 'option persist', `${REDISPATCH}\n  option persist`];

/** Who is tied to a server by a cookie, and finds its queue full. */
const fullQueue = OPTIONS.flatMap((options): Case[] => {
  const moves = options.startsWith(REDISPATCH);
  return [
    {
      what: `maxqueue is full for one with a cookie, another server is free; ${options}`,
      lines: [...TIED, options],
      servers: PAIR,
      steps: [ask('1', 'a'), ask('2', 'a'), ask('3', 'a'), ...(moves ? [answer('b')] : []), answer('a'), answer('a')],
    },
    {
      what: `maxqueue is full for one with a cookie, no server is free; ${options}`,
      lines: [...TIED, options],
      servers: PAIR,
      steps: [
        ...[ask('1', 'a'), ask('2', 'b'), ask('3', 'a'), ask('4', 'a')],
        ...[answer('b'), ...(moves ? [answer('b')] : []), answer('a'), answer('a')],
      ],
    },
  ];
});

/** Who waits for a server when its state changes. */
const changed = OPTIONS.flatMap((options) =>
  ['disable server PROXY/a', 'set server PROXY/a state drain'].map((text): Case => {
    const moves = options === REDISPATCH;
    const rest = moves ? [had('b', 1), answer('b'), answer('a')] : [answer('a'), answer('a')];
    return {
      what: `${text}, for which one waits, another one is free; ${options}`,
      lines: [...TIED, options],
      servers: ['a cookie a maxconn 1', 'b cookie b maxconn 1'],
      steps: [ask('1', 'a'), ask('2', 'a'), command(text), ...rest],
    };
  }),
);

const balances = ['roundrobin', 'leastconn', 'first', 'uri'].map((balance): Case => {
  // Of one path, whose server follows from it, three may come.
  const hashes = balance === 'uri';
  return {
    what: `maxqueue with balance ${balance}`,
    lines: [`balance ${balance}`],
    servers: ['a maxconn 1 maxqueue 1', 'b maxconn 1 maxqueue 1'],
    steps: [
      ...Array.from({ length: 6 }, () => ask('same')),
      ...(hashes ? [answer('b'), answer('b')] : ['a', 'b', 'a', 'b', 'a', 'b'].map(answer)),
    ],
  };
});

const leaving = ['', 'option abortonclose'].flatMap((option): Case[] => {
  const logged = option !== '';
  return [
    {
      what: `a client ends while it waits for its turn; ${option}`,
      lines: [option],
      servers: ['a maxconn 1'],
      steps: [ask('1'), ask('2'), { do: 'ends', name: '2', logged }, answer('a'), ...(logged ? [] : [answer('a')])],
    },
    {
      what: `a client ends while it waits for its answer; ${option}`,
      lines: [option],
      servers: ['a'],
      steps: [ask('1'), { do: 'ends', name: '1', logged }, ...(logged ? [] : [answer('a')])],
    },
  ];
});

export const CASES: readonly Case[] = [
  ...fullQueue,
  ...changed,
  ...balances,
  ...leaving,
  {
    what: 'timeout queue, tied by a cookie',
    lines: [...TIED, 'timeout queue 500ms'],
    servers: ['a cookie a maxconn 1', 'b cookie b maxconn 1'],
    steps: [ask('1', 'a'), ask('2', 'a'), { do: 'ends', name: '2', logged: true }, answer('a')],
  },
  {
    what: 'timeout queue, of the backend',
    lines: ['timeout queue 500ms'],
    servers: ['a maxconn 1'],
    steps: [ask('1'), ask('2'), { do: 'ends', name: '2', logged: true }, answer('a')],
  },
  {
    what: 'a backup server is free, but none is down',
    lines: [],
    servers: ['a maxconn 1', 'b maxconn 1 backup'],
    steps: [ask('1'), ask('2'), answer('a'), answer('a')],
  },
];
