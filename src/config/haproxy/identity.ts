/**
 * Whose behaviour the haproxy.cfg front end follows: what `version_atleast()`, `feature()` and `enabled()` answer, and
 * what `-vv` says.
 */
export const HAPROXY_VERSION = '2.6.12';
/** When that version came out, for tools that want to know. */
export const HAPROXY_RELEASE_DATE = '2023/03/28';

export const HAPROXY_FEATURES =
  '+EPOLL +THREAD +ACCEPT4 +RT +CPU_AFFINITY -OPENSSL -LUA -PCRE -PCRE2 -ZLIB -SLZ -NS -TPROXY -LINUX_TPROXY ' +
  '-LINUX_SPLICE -GETADDRINFO -POLL -KQUEUE -EVPORTS -QUIC +PROMEX +SYSTEMD -TFO -WURFL -51DEGREES -DEVICEATLAS';

/** Of the names `enabled()` knows: POLL, EPOLL, KQUEUE, EVPORTS, SPLICE, GETADDRINFO, REUSEPORT, FAST-FORWARD … */
export const HAPROXY_ENABLED: readonly string[] = ['EPOLL'];
