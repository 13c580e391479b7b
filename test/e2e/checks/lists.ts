/** Lists of rules, each as the lines of a backend, for the comparison of check-rules.test.ts. */

const HTTP = '  mode http\n';

/** By the name of the backend. */
export const LINE_LISTS: Readonly<Record<string, string>> = {
  // Connections.
  plain: '',
  bare: '  option tcp-check',
  connect: '  option tcp-check\n  tcp-check connect',
  default: '  option tcp-check\n  tcp-check connect default linger comment "in person"',
  closed: '  option tcp-check\n  tcp-check connect port 1 comment nobody',
  closed_later: '  option tcp-check\n  tcp-check connect\n  tcp-check connect port 1',
  elsewhere: '  option tcp-check\n  tcp-check connect addr 127.0.0.1:1\n  tcp-check send x',
  sent: '  option tcp-check\n  tcp-check send PING',
  header:
    '  option tcp-check\n  tcp-check connect send-proxy\n  tcp-check send "PING\\r\\n"\n  tcp-check expect string PROXY',
  twice: `  option tcp-check
  tcp-check connect
  tcp-check send "PING\\r\\n"
  tcp-check expect string PONG
  tcp-check connect linger
  tcp-check send "PING\\r\\n"
  tcp-check expect string NOTHING comment second`,

  computed: '  option tcp-check\n  tcp-check set-var(check.p) int(1)\n  tcp-check connect port var(check.p)',
  proxied:
    '  option tcp-check\n  default-server check-send-proxy\n  tcp-check send "PING\\r\\n"\n  tcp-check expect rstring .',
  proxied_2:
    '  option tcp-check\n  default-server send-proxy-v2\n  tcp-check send "PING\\r\\n"\n  tcp-check expect rstring .',
  unproxied: '  default-server send-proxy port 1',

  // Expectations of bytes.
  hello: '  option tcp-check\n  tcp-check expect string 220',
  pong: '  option tcp-check\n  tcp-check send "PING\\r\\n"\n  tcp-check expect string +PONG',
  not_pong: '  option tcp-check\n  tcp-check send "PING\\r\\n"\n  tcp-check expect !string +PONG',
  pong_long:
    '  option tcp-check\n  tcp-check send "PING\\r\\n"\n  tcp-check expect string +PONG!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!',
  pong_regex:
    '  option tcp-check\n  tcp-check send "PING\\r\\n"\n  tcp-check expect rstring ^\\+P[A-Z]+G\\r$ comment pattern',
  not_regex: '  option tcp-check\n  tcp-check send "PING\\r\\n"\n  tcp-check expect ! rstring ^-ERR',
  hex: '  option tcp-check\n  tcp-check send-binary 50494e470d0a\n  tcp-check expect binary 2B504F4e47',
  not_hex: '  option tcp-check\n  tcp-check send-binary 50494e470d0a\n  tcp-check expect ! binary 2B504F4e47',
  hex_regex: '  option tcp-check\n  tcp-check send "PING\\r\\n"\n  tcp-check expect rbinary ^2B5[0]4F',
  format:
    '  option tcp-check\n  tcp-check send-lf "PING %[str(x),upper]%%\\r\\n"\n  tcp-check expect string-lf +%[str(pong),upper]',
  format_hex:
    '  option tcp-check\n  tcp-check send-binary-lf %[str(PING),hex]0d0a\n  tcp-check expect binary-lf %[str(+PONG),hex]',
  format_empty: '  option tcp-check\n  tcp-check send "PING\\r\\n"\n  tcp-check expect string-lf %[var(check.none)]',
  format_odd: '  option tcp-check\n  tcp-check send "PING\\r\\n"\n  tcp-check expect binary-lf %[str(abc)]',
  odd_sent: '  option tcp-check\n  tcp-check send-binary-lf %[str(abc)]\n  tcp-check expect string x',
  min_recv: '  option tcp-check\n  tcp-check send "PING\\r\\n"\n  tcp-check expect min-recv 6 string +PONG',
  min_zero: '  option tcp-check\n  tcp-check send "PING\\r\\n"\n  tcp-check expect min-recv 0 rstring PONG',
  min_much: '  option tcp-check\n  tcp-check send "PING\\r\\n"\n  tcp-check expect min-recv 100 string +PONG',
  and_then: `  option tcp-check
  tcp-check comment "first of all"
  tcp-check send "PING\\r\\n"
  tcp-check comment "what it says"
  tcp-check expect ! string -ERR
  tcp-check expect ! rstring ^HTTP
  tcp-check expect rstring ^[+]PONG
  tcp-check send "PING\\r\\n"
  tcp-check expect string +PONG`,
  statuses: `  option tcp-check
  tcp-check send "PING\\r\\n"
  tcp-check expect string +PONG ok-status L6OK error-status L7STS tout-status L4TOUT`,
  statuses_more: `  option tcp-check
  tcp-check send "PING\\r\\n"
  tcp-check expect string +PONG ok-status L4OK error-status L4CON tout-status L6TOUT comment odd`,
  words: `  option tcp-check
  tcp-check send "PING\\r\\n"
  tcp-check expect string +PONG on-success "well: %[res.payload(1,3)]" on-error "bad: %[res.payload(0,0),cut_crlf]" comment mine`,
  code: `  option tcp-check
  tcp-check send "PING\\r\\n"
  tcp-check expect string +PONG ok-status L7OK error-status L7STS status-code int(42)`,
  variables: `  option tcp-check
  tcp-check set-var(check.word) str(ping),upper
  tcp-check set-var-fmt(check.line) "%[var(check.word)]%[str(!)]"
  tcp-check send-lf "%[var(check.line)]\\r\\n"
  tcp-check expect string +PONG on-success "%[var(check.line),length] of %[be_name]/%[srv_name]"
  tcp-check unset-var(check.line)`,
};

export const HTTP_LISTS: Readonly<Record<string, string>> = {
  httpchk: `${HTTP}  option httpchk`,
  http_closed: `${HTTP}  option httpchk\n  http-check connect port 1 comment nobody`,
  http_get: `${HTTP}  option httpchk GET /x HTTP/1.1\n  http-check send hdr Host www`,
  http_head: `${HTTP}  option httpchk HEAD /`,
  http_status: `${HTTP}  option httpchk\n  http-check expect status 204,300-404`,
  http_not_status: `${HTTP}  option httpchk\n  http-check expect ! status 200 comment unwanted`,
  http_rstatus: `${HTTP}  option httpchk\n  http-check expect rstatus ^20[0-4]$`,
  http_string: `${HTTP}  option httpchk\n  http-check expect string hello`,
  http_not_string: `${HTTP}  option httpchk\n  http-check expect ! string hello`,
  http_rstring: `${HTTP}  option httpchk\n  http-check expect rstring ^hel+o$`,
  http_format: `${HTTP}  option httpchk\n  http-check expect string-lf %[str(HELLO),lower]`,
  http_min: `${HTTP}  option httpchk\n  http-check expect min-recv 3 string hel`,
  http_header: `${HTTP}  option httpchk\n  http-check expect hdr name X-State value ready`,
  http_header_any: `${HTTP}  option httpchk\n  http-check expect hdr name -m beg x-`,
  http_header_full: `${HTTP}  option httpchk\n  http-check expect fhdr name x-list value a,b`,
  http_header_part: `${HTTP}  option httpchk\n  http-check expect hdr name -m end -list value -m beg b`,
  http_header_sub: `${HTTP}  option httpchk\n  http-check expect hdr name -m sub lis value -m sub ,`,
  http_header_regex: `${HTTP}  option httpchk\n  http-check expect hdr name -m reg ^X-[A-Z]+$ value -m reg ^re.*y$`,
  http_header_format: `${HTTP}  option httpchk\n  http-check expect hdr name-lf x-%[str(state)] value-lf %[str(READY),lower]`,
  http_header_empty: `${HTTP}  option httpchk\n  http-check expect hdr name-lf %[var(check.none)]`,
  http_not_header: `${HTTP}  option httpchk\n  http-check expect ! hdr name x-state`,
  http_words: `${HTTP}  option httpchk
  http-check expect status 200 on-success "fine %[status]" on-error "no: %[status] %[res.hdr(x-state)]" comment mine`,
  http_statuses: `${HTTP}  option httpchk\n  http-check expect string hello ok-status L4OK error-status L7STS tout-status L4TOUT`,
  http_code: `${HTTP}  option httpchk\n  http-check expect status 200 status-code res.hdr(content-length)`,
  http_two: `${HTTP}  option httpchk
  http-check expect status 200
  http-check expect string hello`,
  http_again: `${HTTP}  option httpchk
  http-check connect
  http-check send meth GET uri /one
  http-check expect status 200
  http-check connect linger
  http-check send meth GET uri /two ver HTTP/1.1 hdr Host www
  http-check expect string goodbye comment second`,
  http_post: `${HTTP}  option httpchk
  http-check set-var(check.body) str(data)
  http-check send meth POST uri-lf "/%[str(A),lower]" hdr X-Long "%[var(check.body)]%%" body-lf "%[var(check.body)]!"
  http-check expect status 200`,
};

export const PROTOCOL_LISTS: Readonly<Record<string, string>> = {
  ssl: '  option ssl-hello-chk',
  smtp: '  option smtpchk',
  smtp_ehlo: '  option smtpchk EHLO example.org',
  mysql: '  option mysql-check',
  mysql_user: '  option mysql-check user haproxy',
  mysql_old: '  option mysql-check user haproxy pre-41',
  pgsql: '  option pgsql-check user tandem',
  redis: '  option redis-check',
  ldap: '  option ldap-check',
};
