import { describe, expect, it } from 'vitest';
import { explainProxies } from '../../../src/config/haproxy/explain.ts';
import { loadHaproxyConfig } from '../../../src/config/haproxy/load.ts';

function explain(text: string, env: Record<string, string> = {}): string {
  const { model, outlines, problems } = loadHaproxyConfig([{ name: 'h.cfg', text }], {
    env,
    readFile: () => Buffer.alloc(0),
    explains: true,
  });
  if (model === null) throw new Error(JSON.stringify(problems));
  return explainProxies(model, outlines);
}

/** The rows, without the blanks between their two halves. */
const rows = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('  '))
    .map((line) => line.trim().replace(/ {2,}/, ' | '));

describe('check --explain', () => {
  it('says of each line where it was written, and what holds without one', () => {
    const text = `defaults
  mode http
  timeout client 30s
  timeout connect 5s
  timeout server 1m
listen web
  bind :8080
  server a 10.0.0.1:80 check inter 500ms
`;
    expect(explain(text)).toMatchInlineSnapshot(`
      "listen web (h.cfg:6)
        mode http                                                                 h.cfg:2, defaults
        timeout client 30s                                                        h.cfg:3, defaults
        timeout connect 5s                                                        h.cfg:4, defaults
        timeout server 1m                                                         h.cfg:5, defaults
        bind :8080                                                                h.cfg:7
        server a 10.0.0.1:80 check inter 500ms                                    h.cfg:8
        maxconn                                                                   built in: as many as the process takes
        no log                                                                    built in: no log line
        balance roundrobin                                                        built in
        retries 3                                                                 built in
        no option redispatch                                                      built in: retries stay with their server
        server a: weight 1, no maxconn, checked every 500ms, up after 2, down after 3  altogether
        option http-keep-alive                                                    built in
        http-reuse safe                                                           built in
        timeout http-request 30s                                                  follows timeout client
        timeout http-keep-alive 30s                                               follows timeout client
        timeout queue 5s                                                          follows timeout connect
        timeout check                                                             built in: its server's inter
        timeout tunnel                                                            built in: timeout client and timeout server hold
      "
    `);
  });

  it('a line of its own replaces that of the defaults, also where another word means the same thing', () => {
    const text = `defaults base
  mode http
  retries 5
  option httplog
  option httpclose
  errorfile 503 /a
defaults more from base
  retries 6
listen web from more
  bind :8080
  log 127.0.0.1 local0
  log-format "%ci %[src]"
  no option httpclose
  errorfile 503 /b
`;
    const said = rows(explain(text));
    expect(said).toContain('retries 6 | h.cfg:8, defaults');
    expect(said).toContain('log-format "%ci %[src]" | h.cfg:12');
    expect(said).toContain('no option httpclose | h.cfg:13');
    expect(said).toContain('errorfile 503 /b | h.cfg:14');
    expect(said.filter((row) => /retries 5|option httplog|errorfile 503 \/a|^option httpclose/.test(row))).toEqual([]);
  });

  it('a frontend does not show what is for backends, nor the other way round', () => {
    const text = `defaults
  balance leastconn
  maxconn 7
  timeout client 1s
  timeout server 2s
frontend f
  bind :8080
  default_backend b
backend b
  server s 127.0.0.1:1
`;
    const [frontend = '', backend = ''] = explain(text).split('\n\n');
    expect(frontend).not.toMatch(/balance|timeout server/);
    expect(backend).not.toMatch(/maxconn 7|^ {2}timeout client/m);
    expect(rows(backend)).toContain('balance leastconn | h.cfg:2, defaults');
  });

  it('variables are what they stand for, secrets are not shown, a disabled proxy is one line', () => {
    const text = `listen web
  bind "\${PORT}"
  cookie c insert dynamic
  dynamic-cookie-key hush
  server s 127.0.0.1:1
listen off
  disabled
  bind :1
`;
    const said = explain(text, { PORT: ':8123' });
    expect(said).toContain('bind :8123');
    expect(said).not.toContain('hush');
    expect(said).toContain('listen off (h.cfg:6): disabled, nothing of it runs');
  });
});
