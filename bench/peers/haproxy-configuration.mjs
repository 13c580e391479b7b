// The file that haproxy and Tandem both read: two servers in turn, checks, a cookie inserted, X-Forwarded-For added,
// and where the work has it a line of httplog per request to a UDP sink.

const NAMES = ['a', 'b'];

/** `lines`: what a variant adds, `global` to that section and `defaults` to the other. */
export function haproxyConfiguration(stage, { port, servers, sinkPort, maxConnections, threads, lines }) {
  const http = stage.mode === 'http';
  const text = [
    'global',
    `  maxconn ${maxConnections}`,
    `  nbthread ${threads}`,
    ...(stage.log ? [`  log 127.0.0.1:${sinkPort} local0`] : []),
    ...lines.global.map((line) => `  ${line}`),
    'defaults',
    `  mode ${stage.mode}`,
    ...(stage.log ? ['  log global', `  option ${stage.mode}log`] : []),
    '  timeout connect 5s',
    '  timeout client 600s',
    '  timeout server 600s',
    ...lines.defaults.map((line) => `  ${line}`),
    'listen bench',
    `  bind 127.0.0.1:${port}`,
    '  balance roundrobin',
    ...(http ? ['  option forwardfor', '  option httpchk GET /', '  cookie SRV insert indirect nocache'] : []),
    ...servers.map((server, index) => {
      const name = NAMES[index];
      return `  server ${name} 127.0.0.1:${server}${http ? ` cookie ${name}` : ''} check`;
    }),
  ];
  return `${text.join('\n')}\n`;
}
