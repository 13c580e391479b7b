/**
 * Configurations from a seed, over what is supported. Lines that one of the programs refuses are no loss: such a world is
 * left out and counted.
 */
import { inputSeed } from '../../fuzz/engine/campaign.ts';
import { SeededRandom } from '../../support/random.ts';
import { someClients } from './random-traffic.ts';
import type { ServerSpec, World } from './world.ts';

const chance = (random: SeededRandom, percent: number): boolean => random.below(100) < percent;

const LOG_TARGETS = [
  'log LOG format raw local0',
  'log LOG format raw local0',
  'log LOG format rfc3164 local1',
  'log LOG format rfc5424 local2',
  'log LOG format short daemon',
  'log LOG format raw local0 info',
  'log LOG len 8000 format raw local0',
  'log LOG local3',
] as const;
const LOG_LINES = [
  'option httplog',
  'option httplog',
  'option httplog',
  'option httplog clf',
  'option tcplog',
  '# no format',
  'log-format "%ci:%cp [%tr] %ft %b/%s TR=%TR Tw=%Tw Tc=%Tc Tr=%Tr Ta=%Ta %ST %B %CC %CS %tsc %fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r"',
  'log-format "%HM %HP %HQ %HU %HV %HPO %ST %B %ts %{+Q}hrl %{+Q}hsl"',
  'log-format "%{+E}o %ci %fi:%fp %{+Q}CC %{+Q}CS %rc %ID %f"',
  'log-format "%{+X}o%ci %fi %fp %ST %B %rc"',
  'log-format "Th=%Th Ti=%Ti TR=%TR Tq=%Tq Tt=%Tt Tu=%Tu %lc %H"',
  'log-format "%{+Q}[capture.req.hdr(0)] %[src] %[dst_port] %[method] %[path] %[status] %[req.hdr(host)]"',
  'log-format-sd "%{+Q,+E}o [x@1 s=%ST r=%r]"',
] as const;
const FRONT_LINES = [
  'capture request header Host len 12',
  'capture request header X-A len 5',
  'capture request header User-Agent len 64',
  'capture response header Server len 20',
  'capture response header Content-Length len 9',
  'capture response header Location len 8',
  'capture cookie SRV len 10',
  'capture cookie ap len 20',
  'option dontlognull',
  'option dontlog-normal',
  'option log-separate-errors',
  'error-log-format "error %ci %ft %ST %tsc %{+Q}r"',
  'option forwardfor',
  'option forwardfor if-none',
  'option forwardfor header X-Client',
  'option forwardfor except 127.32.0.0/16',
  'option originalto',
  'option httpclose',
  'option http-server-close',
  'option http-keep-alive',
  'option http-buffer-request',
  'option http-ignore-probes',
  'option http-use-proxy-header',
  'option tcpka',
  'option contstats',
  'no option http-server-close',
  'unique-id-format %{+X}o%ci_%fi_%fp',
  'unique-id-header X-Unique',
  'log-tag mytag',
  'maxconn 50',
  'errorfile 503 FOLDER/503.http',
  'errorfile 502 FOLDER/502.http',
  'errorfile 400 FOLDER/400.http',
  'errorfile 408 /dev/null',
  'timeout http-keep-alive 10s',
  'timeout http-request 10s',
  'id 4242',
  'description some words',
  'option splice-auto',
  'backlog 100',
] as const;
const BALANCE = [
  'roundrobin',
  'roundrobin',
  'static-rr',
  'leastconn',
  'first',
  'source',
  'uri',
  'uri whole',
  'uri depth 1',
  'uri len 4',
  'uri path-only',
  'url_param id',
  'url_param id check_post',
  'hdr(host)',
  'hdr(host) use_domain_only',
  'hdr(x-a)',
  'hash path',
  'hash req.hdr(x-a)',
  'hash src',
  'rdp-cookie(SRV)',
] as const;
const HASH = [
  'hash-type map-based',
  'hash-type consistent',
  'hash-type map-based djb2 avalanche',
  'hash-type consistent wt6',
  'hash-type consistent crc32 avalanche',
  'hash-type map-based sdbm',
] as const;
const COOKIES = [
  'insert',
  'insert indirect nocache',
  'insert indirect postonly',
  'insert preserve',
  'insert indirect maxidle 30m maxlife 8h',
  'insert nocache httponly secure domain .example.com attr SameSite=Strict',
  'rewrite',
  'rewrite nocache postonly',
  'prefix',
  'prefix indirect nocache',
  'insert dynamic',
  '',
  'indirect preserve',
] as const;
const RETRY_ON = [
  'all-retryable-errors',
  'none',
  'conn-failure',
  'empty-response',
  'junk-response',
  'response-timeout',
  'conn-failure empty-response 503',
  '500 503',
  'empty-response junk-response 500',
  '404 0rtt-rejected',
] as const;
const BACK_LINES = [
  'option httpclose',
  'option http-server-close',
  'option forwardfor',
  'option forwardfor header X-Back',
  'option persist',
  'option allbackups',
  'option http-buffer-request',
  'option redispatch',
  'option redispatch 1',
  'option redispatch -1',
  'no option redispatch',
  'http-reuse never',
  'http-reuse safe',
  'http-reuse aggressive',
  'http-reuse always',
  'ignore-persist if { path_beg /a }',
  'force-persist if { path_beg /a }',
  'force-persist if { src 127.32.0.0/14 }',
  'ignore-persist unless { method POST }',
  'errorfile 502 FOLDER/502.http',
  'errorfile 504 FOLDER/504.http',
  'fullconn 20',
  'hash-balance-factor 150',
  'option prefer-last-server',
  'option log-health-checks',
  'option tcp-smart-connect',
  'option h1-case-adjust-bogus-server',
  'default-server pool-max-conn 0',
  'default-server maxconn 30',
  'default-server on-marked-down shutdown-sessions',
  'default-server slowstart 10s',
  'source 127.0.0.5',
  'source 127.0.0.6 usesrc client',
  'http-send-name-header X-Server',
  'max-keep-alive-queue 0',
] as const;
const SERVER_PARAMETERS = [
  'weight 0',
  'weight 1',
  'weight 5',
  'weight 100',
  'weight 256',
  'backup',
  'disabled',
  'maxconn 20',
  'maxqueue 5',
  'minconn 2 maxconn 40',
  'pool-max-conn 0',
  'pool-max-conn 1',
  'send-proxy',
  'send-proxy-v2',
  'redir http://other.example.com/prefix',
  'source 127.0.0.7',
  'id 77',
  'on-marked-down shutdown-sessions',
  'on-marked-up shutdown-backup-sessions',
  'slowstart 20s',
  'tcp-ut 10s',
  'proto h1',
  'max-reuse 1',
  'max-reuse 0',
  'pool-low-conn 2',
  'non-stick',
  'init-addr last,libc',
] as const;

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const CHECKS: readonly [
  { lines: readonly string[]; answer: string; down: boolean },
  ...{ lines: readonly string[]; answer: string; down: boolean }[],
] = [
  { lines: [], answer: OK, down: false },
  { lines: ['option httpchk'], answer: OK, down: false },
  { lines: ['option httpchk'], answer: 'HTTP/1.0 503 No\r\n\r\n', down: true },
  { lines: ['option httpchk GET /health'], answer: 'HTTP/1.0 404 Gone\r\n\r\n', down: true },
  { lines: ['option httpchk', 'http-check expect status 200-299'], answer: OK, down: false },
  { lines: ['option httpchk', 'http-check expect ! string ok'], answer: OK, down: true },
  { lines: ['option httpchk', 'http-check send meth HEAD uri /x ver HTTP/1.1 hdr Host a'], answer: OK, down: false },
  { lines: ['option httpchk', 'http-check disable-on-404'], answer: 'HTTP/1.0 500 No\r\n\r\n', down: true },
  {
    lines: ['option tcp-check', 'tcp-check send "PING\\r\\n\\r\\n"', 'tcp-check expect string PONG'],
    answer: 'PONG\r\n',
    down: false,
  },
  {
    lines: ['option tcp-check', 'tcp-check send "PING\\r\\n\\r\\n"', 'tcp-check expect string PONG'],
    answer: 'NO\r\n',
    down: true,
  },
];

function some(random: SeededRandom, items: readonly string[], most: number): string[] {
  const chosen = Array.from({ length: random.below(most + 1) }, () => items[random.below(items.length)] ?? '');
  return [...new Set(chosen)];
}

function someServers(
  random: SeededRandom,
  check: { answer: string; down: boolean } | null,
  cookie: boolean,
): ServerSpec[] {
  return Array.from({ length: 1 + random.below(4) }, (_, i): ServerSpec => {
    const parameters: string[] =
      cookie && chance(random, 85) ? [`cookie ${random.pick([`s${i}`, `s${i}`, `s${i}`, 'same'])}`] : [];
    parameters.push(...some(random, SERVER_PARAMETERS, chance(random, 50) ? 0 : 3));
    const kind = chance(random, 8) ? 'refuse' : chance(random, 6) ? 'unix' : 'up';
    const checked = check !== null && kind !== 'unix' && chance(random, 60);
    // In maintenance nobody goes down.
    if (checked && parameters.includes('disabled')) parameters.splice(parameters.indexOf('disabled'), 1);
    if (checked) parameters.push('inter 100 fall 1', ...(check.down ? ['rise 100'] : []));
    return { parameters, kind, check: checked ? check : null };
  });
}

/** World number `at` of a seed. */
export function randomWorld(seed: number, at: number): World {
  const random = new SeededRandom(inputSeed(seed, at));
  const mode = chance(random, 8) ? 'tcp' : 'http';
  const impatient = chance(random, 15);
  const queues = chance(random, 15);
  const abortsOnClose = chance(random, 15);
  const cookie = mode === 'http' && chance(random, 40);
  const check = chance(random, 20) ? random.pick(CHECKS) : null;
  const frontend: string[] = [random.pick(LOG_TARGETS)];
  frontend.push(mode === 'tcp' && chance(random, 80) ? 'option tcplog' : random.pick(LOG_LINES));
  frontend.push(...some(random, FRONT_LINES, 5));
  const backend: string[] = [`balance ${random.pick(BALANCE)}`];
  if (chance(random, 25)) backend.push(random.pick(HASH));
  if (cookie) {
    const words = random.pick(COOKIES);
    backend.push(`cookie SRV ${words}`);
    if (words.includes('dynamic')) backend.push('dynamic-cookie-key secret');
  }
  const failures = chance(random, 30) ? 35 : 3;
  backend.push(`retries ${random.below(3)}`);
  if (failures > 10 && chance(random, 70)) backend.push(`retry-on ${random.pick(RETRY_ON)}`);
  backend.push(...some(random, BACK_LINES, 4));
  if (impatient) backend.push('timeout server 800ms');
  if (abortsOnClose) backend.push('option abortonclose');
  if (queues)
    backend.push('timeout queue 500ms', `default-server maxconn ${1 + random.below(2)} maxqueue ${random.below(3)}`);
  if (check !== null) backend.push(...check.lines, 'timeout check 10s');
  const servers = someServers(random, check, cookie);
  // With a PROXY header haproxy uses a connection again for the first client only, Tandem for every one.
  if (servers.some(({ parameters }) => parameters.some((one) => one.startsWith('send-proxy'))))
    backend.push('option http-server-close');
  const bind = chance(random, 5) ? ['accept-proxy'] : [];
  const facts = {
    cookieNames: cookie ? ['SRV'] : ['SRV', 'app'],
    cookieValues: ['s0', 's1', 's2', 's3', 'same', 'own'],
    impatient,
    queues,
    abortsOnClose,
    retries: backend.some((line) => line.startsWith('retry-on')),
    noServers: check?.down === true,
    failures,
  };
  return {
    mode,
    split: chance(random, 50),
    bind,
    unixBind: chance(random, 4),
    frontend,
    backend,
    servers,
    clients: someClients(random, facts),
  };
}
