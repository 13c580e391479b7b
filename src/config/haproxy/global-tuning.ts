/**
 * Tuning knobs of `global`. Three of them say something about the traffic and work; the others describe HAProxy's own
 * machine, so they are accepted with a warning; what would change the behaviour and is not there yet is an error.
 */
import { choiceArgument, integerArgument } from './arguments.ts';
import type { Loading } from './drafts.ts';
import { ignored, type Keyword, supported, unsupported } from './keyword.ts';

const SIZES_ITSELF = 'this program sizes itself';
const POLLERS = ['auto', 'epoll', 'io_uring'] as const;
const SPARES = ['auto', 'on', 'off'] as const;
const SWITCH = ['on', 'off'] as const;
const NO_TLS = 'there is no TLS yet, and this is only a default for it';

/** HAProxy rounds up so that two pointers fit behind. */
const BUFFER_ALIGNMENT = 16;

export const GLOBAL_TUNING: readonly Keyword<Loading>[] = [
  supported('tune.bufsize', '<bytes>', 'size of a buffer; a request head must fit', (s, _at, { global }) => {
    const size = integerArgument(s, 1, { min: 1, max: 256 * 1024 * 1024 - 1 });
    if (size !== null) global.bufferSizeBytes = Math.ceil(size / BUFFER_ALIGNMENT) * BUFFER_ALIGNMENT;
  }),
  supported(
    'tune.tandem.poller',
    'auto|epoll|io_uring',
    'engine of the data threads; auto: io_uring where the kernel allows it; not a keyword of HAProxy',
    (s, _at, { global }) => {
      global.poller = choiceArgument(s, 1, POLLERS) ?? global.poller;
    },
  ),
  supported(
    'tune.tandem.spare-process',
    'auto|on|off',
    'a loaded data process waits to replace one that dies, for 40 MB; auto: from 1 GiB of memory; not a keyword of HAProxy',
    (s, _at, { global }) => {
      global.spareProcess = choiceArgument(s, 1, SPARES) ?? global.spareProcess;
    },
  ),
  supported(
    'tune.tandem.min-body-rate',
    '<bytes>',
    'a second: who sends less of a body for a minute gets 408; default 20, 0: none; not a keyword of HAProxy',
    (s, _at, { global }) => {
      const rate = integerArgument(s, 1, { min: 0, max: 1_000_000 });
      if (rate !== null) global.minBodyRate = rate;
    },
  ),
  supported(
    'tune.tandem.seccomp',
    'on|off',
    'the data process may make no system calls but those it needs, and open no file; default on; off for debuggers and profilers; not a keyword of HAProxy',
    (s, _at, { global }) => {
      const choice = choiceArgument(s, 1, SWITCH);
      if (choice !== null) global.seccomp = choice === 'on';
    },
  ),
  supported(
    'tune.tandem.reuse-first',
    'on|off',
    "with `http-reuse safe` a client's first request, too, may use an idle connection, if it can be sent again; default on; not a keyword of HAProxy",
    (s, _at, { global }) => {
      const choice = choiceArgument(s, 1, SWITCH);
      if (choice !== null) global.reuseFirst = choice === 'on';
    },
  ),
  supported('tune.maxrewrite', '<bytes>', 'room in a buffer for added headers', (s, _at, { global }) => {
    const size = integerArgument(s, 1, { min: 0 });
    if (size !== null) global.maxRewriteBytes = size;
  }),
  supported(
    'tune.http.maxhdr',
    '<number>',
    'headers of a message, with its first line; 1 to 32767',
    (s, _at, { global }) => {
      const count = integerArgument(s, 1, { min: 1, max: 32767 });
      if (count !== null) global.maxHeaders = count;
    },
  ),
  ...[
    'tune.runqueue-depth',
    'tune.maxpollevents',
    'tune.maxaccept',
    'tune.recv_enough',
    'tune.buffers.limit',
    'tune.buffers.reserve',
    'tune.idletimer',
    'tune.pipesize',
    'tune.rcvbuf.client',
    'tune.rcvbuf.server',
    'tune.sndbuf.client',
    'tune.sndbuf.server',
    'tune.http.cookielen',
    'tune.http.logurilen',
    'tune.comp.maxlevel',
    'tune.pattern.cache-size',
    'tune.fd.edge-triggered',
    'tune.idle-pool.shared',
    'tune.listener.multi-queue',
    'tune.pool-high-fd-ratio',
    'tune.pool-low-fd-ratio',
    'tune.sched.low-latency',
    'tune.peers.max-updates-at-once',
    'tune.vars.check-max-size',
    'tune.vars.global-max-size',
    'tune.vars.proc-max-size',
    'tune.vars.reqres-max-size',
    'tune.vars.sess-max-size',
    'tune.vars.txn-max-size',
    'tune.h2.header-table-size',
    'tune.h2.initial-window-size',
    'tune.h2.max-concurrent-streams',
    'tune.h2.max-frame-size',
    'tune.lua.forced-yield',
    'tune.lua.maxmem',
    'tune.lua.service-timeout',
    'tune.lua.session-timeout',
    'tune.lua.task-timeout',
    'tune.fail-alloc',
    'maxpipes',
    'maxzlibmem',
    'maxcomprate',
    'maxcompcpuusage',
    'profiling.tasks',
  ].map((word) => ignored<Loading>(word, '<value>', SIZES_ITSELF)),
  ...['noepoll', 'nokqueue', 'noevports', 'nopoll', 'nosplice', 'nogetaddrinfo', 'noreuseport', 'busy-polling'].map(
    (word) => ignored<Loading>(word, '', 'the event loop is chosen by what the kernel offers'),
  ),
  ...['no-memory-trimming', 'insecure-fork-wanted', 'insecure-setuid-wanted'].map((word) =>
    ignored<Loading>(word, '', SIZES_ITSELF),
  ),
  ignored('h2-workaround-bogus-websocket-clients', '', 'there is no HTTP/2 yet'),
  ignored('numa-cpu-mapping', '', SIZES_ITSELF),
  ...[
    'ca-base',
    'crt-base',
    'maxsslconn',
    'maxsslrate',
    'issuers-chain-path',
    'ssl-default-bind-ciphers',
    'ssl-default-bind-ciphersuites',
    'ssl-default-bind-curves',
    'ssl-default-server-ciphers',
    'ssl-default-server-ciphersuites',
    'ssl-dh-param-file',
    'ssl-server-verify',
    'tune.ssl.cachesize',
    'tune.ssl.capture-buffer-size',
    'tune.ssl.capture-cipherlist-size',
    'tune.ssl.default-dh-param',
    'tune.ssl.hard-maxrecord',
    'tune.ssl.keylog',
    'tune.ssl.lifetime',
    'tune.ssl.maxrecord',
    'tune.ssl.ssl-ctx-cache-size',
    'ssl-propquery',
    'ssl-provider',
    'ssl-provider-path',
  ].map((word) => ignored<Loading>(word, '<value>', NO_TLS)),
  ...['ssl-default-bind-options', 'ssl-default-server-options', 'ssl-load-extra-files'].map((word) =>
    ignored<Loading>(word, '<value> ...', NO_TLS),
  ),
  ...['tune.ssl.force-private-cache', 'ssl-load-extra-del-ext', 'ssl-mode-async', 'ssl-skip-self-issued-ca'].map(
    (word) => ignored<Loading>(word, '...', NO_TLS),
  ),
  ...unsupported<Loading>(
    'nothing here uses it',
    'httpclient.resolvers.id',
    'httpclient.resolvers.prefer',
    'httpclient.ssl.ca-file',
    'httpclient.ssl.verify',
    'ot-debug',
  ),
];
