/** The same request goes to the same server as with a real haproxy: 10,000 random keys, and after changes of the servers. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runningProxies } from '../../../src/daemon/compile.ts';
import { compileBalance } from '../../../src/daemon/compile-balance.ts';
import { compileRules } from '../../../src/daemon/compile-rules.ts';
import { MAX_HEADERS } from '../../../src/http1/head.ts';
import { RequestHead, scanRequestHead } from '../../../src/http1/request-head.ts';
import { HashKey } from '../../../src/proxy/balance/hash-key.ts';
import { ProxyRules } from '../../../src/proxy/rules.ts';
import { castSample } from '../../../src/proxy/sample/cast.ts';
import { SAMPLE_BINARY } from '../../../src/proxy/sample/value.ts';
import { STATE_MAINT, STATE_UP } from '../../../src/proxy/shared-state.ts';
import { modelOf } from '../../support/model.ts';
import { describeWithPeer } from '../../support/peers.ts';
import { SeededRandom } from '../../support/random.ts';
import { RequestScene } from '../sample/evaluation.ts';
import { TestBackend, type TestServer } from './backend.ts';
import { HaproxyHttpPeer, type HashedBackend } from './haproxy-http-peer.ts';

const random = new SeededRandom(20261121);
const REQUESTS = 500;

const KEYS = [
  'uri',
  'uri len 12',
  'uri depth 2',
  'uri whole',
  'uri path-only',
  'url_param user',
  'hdr(X-Key)',
  'hdr(Host) use_domain_only',
  'source',
];
const SAMPLES = [
  'hash path',
  'hash req.hdr(x-key),lower',
  'hash url_param(user)',
  'hash src',
  'hash src,ipmask(16)',
  'hash base32',
  'hash req.hdr(host),field(1,:),length',
  'hash url,xxh64',
];
const MAPS = ['map-based', 'map-based djb2', 'map-based wt6 avalanche', 'map-based crc32'] as const;
const RINGS = ['consistent', 'consistent wt6', 'consistent crc32 avalanche'] as const;

function servers(): TestServer[] {
  const most = random.pick([3, 40]);
  return Array.from({ length: 2 + random.below(8) }, () => ({ weight: 1 + random.below(most) }));
}

const backends: HashedBackend[] = [];
for (const key of KEYS) {
  for (const type of [random.pick(MAPS), random.pick(RINGS)]) {
    backends.push({ lines: [`balance ${key}`, `hash-type ${type}`], servers: servers() });
  }
}
for (const sample of SAMPLES) {
  const type = random.pick([...MAPS, ...RINGS] as const);
  backends.push({ lines: [`balance ${sample}`, `hash-type ${type}`], servers: servers() });
}
for (const type of [...MAPS, ...RINGS])
  backends.push({ lines: ['balance uri whole', `hash-type ${type}`], servers: servers() });
const backups = [{ weight: 2 }, { weight: 3 }, { weight: 1, backup: true }, { weight: 4, backup: true }];
for (const more of [[], ['option allbackups']]) {
  for (const type of ['map-based', 'consistent']) {
    backends.push({ lines: ['balance uri', `hash-type ${type}`, ...more], servers: backups });
  }
}

function word(most: number): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789-_.~%AZ';
  return Array.from({ length: random.below(most + 1) }, () => letters[random.below(letters.length)]).join('');
}

function target(host: string): string {
  const path = Array.from({ length: 1 + random.below(4) }, () => `/${word(9)}`).join('');
  const names = ['user', 'use', 'users', 'User', 'a'] as const;
  const parameter = (): string => `${random.pick(names)}${random.pick(['=', '=', '=', ''])}${word(10)}`;
  const query = random.below(3) === 0 ? '' : `?${Array.from({ length: random.below(4) }, parameter).join('&')}`;
  return `${random.below(12) === 0 ? `http://${host}` : ''}${path}${query}`;
}

function form(): string {
  const value = (): string => `${random.pick(['', '', ' ', '"'])}${word(6)}`;
  const pair = (): string => `${random.pick(['user', 'use', 'a'])}${random.pick(['=', '=', ''])}${value()}`;
  return Array.from({ length: random.below(4) }, pair).join('&');
}

function request(): string {
  const key = (): string =>
    random.pick([word(20), `${word(3)}, ${word(5)}`, ` ${word(4)} `, `"${word(3)},${word(2)}"`, '', ',x']);
  const host = random.pick([
    'a',
    'www.example',
    'a.b.example.com',
    'example.com:81',
    '.x.y',
    '127.0.0.1',
    `${word(5).replaceAll(/[%~]/g, '')}a.org`,
  ]);
  // Behind Host there is always a field: for `use_domain_only` haproxy looks at the byte behind the value, whatever it is.
  const fields = random.below(8) === 0 ? '' : `${random.pick(['X-Key', 'x-KEY'])}: ${key()}\r\n`;
  if (random.below(4) === 0) {
    const body = form();
    return `POST ${target(host)} HTTP/1.1\r\nHost: ${host}\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`;
  }
  return `GET ${target(host)} HTTP/1.1\r\nHost: ${host}\r\n${fields}A: b\r\n\r\n`;
}

/** Our side: what a thread does with a request, without the thread. */
class Ours {
  readonly backend: TestBackend;
  readonly #key: HashKey;
  readonly #rules: ProxyRules | null;
  readonly #scene = new RequestScene();
  readonly #head = new RequestHead(MAX_HEADERS);

  constructor({ lines, servers: list }: HashedBackend) {
    const text = [
      'listen web',
      'bind 127.0.0.1:1',
      'mode http',
      ...lines,
      ...list.map((_, i) => `server s${i} 127.0.0.1:2`),
    ];
    const [proxy] = runningProxies(modelOf(`${text.join('\n')}\n`));
    if (proxy === undefined) throw new Error('no proxy');
    const { hash, balance } = compileBalance(proxy);
    if (hash === null) throw new Error('no hash');
    this.#key = new HashKey(hash);
    const rules = compileRules(proxy, [proxy]);
    this.#rules = rules === null ? null : new ProxyRules(rules);
    this.backend = new TestBackend(balance, list, proxy.allBackups, true, hash);
  }

  pick(text: string, ip4: number): number {
    const bytes = Buffer.from(text, 'latin1');
    scanRequestHead(this.#head, bytes, 0, bytes.length, MAX_HEADERS);
    const stream = { client: { peerFamily: 4, peerIp4: ip4, peerIp6: null }, hashed: false, hash: 0 };
    this.#key.ofRequest(stream, this.#head, bytes);
    if (this.#rules?.hash != null) {
      this.#scene.request(text, [24, 16, 8, 0].map((by) => (ip4 >>> by) & 255).join('.'));
      const { scope } = this.#scene;
      if (this.#rules.hash.evaluate(scope) && castSample(scope.value, SAMPLE_BINARY)) {
        this.#key.ofSample(stream, scope.value);
      }
    }
    if (this.#key.wantsBody(stream, this.#head.method)) this.#key.ofBody(stream, bytes, this.#head.end, bytes.length);
    return this.backend.pick(-1, stream);
  }
}

describeWithPeer('haproxy', 'hashing like haproxy', () => {
  const peer = new HaproxyHttpPeer();
  beforeAll(() => peer.start(backends));
  afterAll(() => peer.stop());

  async function compare(number: number, ours: Ours): Promise<void> {
    const balance = backends[number]?.lines[0] ?? '';
    const bySource = /^balance (source|hash src)/.test(balance);
    const perAddress = bySource ? 1 : REQUESTS;
    const all = balance.startsWith('balance hash src') ? REQUESTS / 10 : REQUESTS;
    for (let asked = 0; asked < all; asked += perAddress) {
      const tail = bySource ? 2 + random.below(0xfffff0) : 1;
      const address = `127.${tail >> 16}.${(tail >> 8) & 255}.${tail & 255}`;
      const requests = Array.from({ length: perAddress }, request);
      const theirs = await peer.ask(number, requests, address);
      const mine = requests.map((text) => ours.pick(text, ((127 << 24) | tail) >>> 0));
      const wrong = requests.findIndex((_, i) => mine[i] !== theirs[i]);
      expect(wrong < 0 ? '' : `${requests[wrong]}from ${address}: ${mine[wrong]}, haproxy ${theirs[wrong]}`).toBe('');
    }
  }

  it.each(backends.map(({ lines }, number) => [lines.join(', '), number] as const))('%s', async (lines, number) => {
    const backend = backends[number] as HashedBackend;
    const ours = new Ours(backend);
    await compare(number, ours);
    const gone = random.below(backend.servers.length);
    expect(await peer.command(`disable server h${number}/s${gone}`)).toBe('');
    ours.backend.setState(gone, STATE_MAINT);
    await compare(number, ours);
    if (lines.includes('consistent')) {
      const other = (gone + 1) % backend.servers.length;
      expect(await peer.command(`set weight h${number}/s${other} 7`)).toBe('');
      ours.backend.setWeight(other, 7);
    }
    expect(await peer.command(`enable server h${number}/s${gone}`)).toBe('');
    ours.backend.setState(gone, STATE_UP);
    await compare(number, ours);
  });
});
