// The two servers behind every peer: one nginx on the servers' cores.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files that the servers have, and their sizes. */
const FILES = { '64k.bin': 64 * 1024, '1m.bin': 1024 * 1024, '100m.bin': 100 * 1024 * 1024 };

/** Those of the files that the works ask for; readable for nginx's worker, which is nobody. */
export function writeServerFiles(folder, works) {
  for (const [name, bytes] of Object.entries(FILES)) {
    if (works.some((work) => work.path.endsWith(`/${name}`)))
      writeFileSync(join(folder, name), Buffer.alloc(bytes, 'tandem '), { mode: 0o644 });
  }
}

/** /verify says what reached the server; /upload reads the whole body before it answers (by way of a second hop). */
export function serversConfiguration(ports, folder, workers) {
  const server = (port) => `  server {
    listen 127.0.0.1:${port} reuseport backlog=4096;
    location / { default_type text/plain; return 200 "hello from ${port}\\n"; }
    location /verify { default_type text/plain; return 200 "from ${port} for $http_x_forwarded_for\\n"; }
    location /files/ { alias ${folder}/; }
    location /upload {
      client_max_body_size 0;
      client_body_buffer_size 1100k;
      proxy_pass http://unix:${folder}/received.sock;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
    }
  }`;
  return `worker_processes ${workers};
worker_rlimit_nofile 40000;
daemon off;
pid ${folder}/servers.pid;
error_log ${folder}/servers.err;
events { worker_connections 24000; }
http {
  access_log off;
  keepalive_requests 100000000;
  keepalive_timeout 600s;
  sendfile on;
  client_body_temp_path ${folder}/bodies;
  server { listen unix:${folder}/received.sock; location / { default_type text/plain; return 200 "received\\n"; } }
${ports.map(server).join('\n')}
}
`;
}
