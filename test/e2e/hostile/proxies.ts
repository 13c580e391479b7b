/**
 * The same reverse proxy in the words of Tandem, haproxy and nginx: so many addresses, each with a server of its own, and
 * one more for turns (lane.ts). Everything else is each one's default.
 */
export interface Layout {
  /** For each lane its address and that of its origin; the last one is for turns. */
  readonly ports: readonly (readonly [port: number, originPort: number])[];
}

/** Unless told: short enough to wait for in cases of silence. */
const TIMEOUT_S = 3;

/** For haproxy and Tandem; `lines` are more of the global section. */
export function haproxyConfiguration(
  { ports }: Layout,
  lines: readonly string[] = [],
  timeoutS: number = TIMEOUT_S,
): string {
  const sections = ports.map(
    ([port, originPort], index) => `listen lane${index}
  bind 127.0.0.1:${port}
  server origin 127.0.0.1:${originPort}`,
  );
  return `global
  nbthread 1
${lines.map((line) => `  ${line}\n`).join('')}defaults
  mode http
  timeout connect ${timeoutS}s
  timeout client ${timeoutS}s
  timeout server ${timeoutS}s
  timeout http-request ${timeoutS}s
${sections.join('\n')}
`;
}

/** Upgrades to WebSocket pass, as they do in the others, in the way nginx's own manual has it. */
export function nginxConfiguration({ ports }: Layout, folder: string): string {
  const sections = ports.map(
    ([port, originPort], index) => `  upstream origin${index} { server 127.0.0.1:${originPort}; keepalive 8; }
  server {
    listen 127.0.0.1:${port};
    server_name localhost;
    location / {
      proxy_pass http://origin${index};
      proxy_http_version 1.1;
      proxy_set_header Host $host;
      proxy_set_header Upgrade $websocket;
      proxy_set_header Connection $connection_upgrade;
    }
  }`,
  );
  return `daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log crit;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  client_header_timeout ${TIMEOUT_S}s;
  client_body_timeout ${TIMEOUT_S}s;
  proxy_read_timeout ${TIMEOUT_S}s;
  map $http_upgrade $websocket { ~*^websocket$ websocket; default ""; }
  map $websocket $connection_upgrade { websocket upgrade; default ""; }
${sections.join('\n')}
}
`;
}
