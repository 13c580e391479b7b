// The same work in nginx's words. Its free edition has no active checks and no cookie persistence: it looks at failures
// (its default), and adds the header that inserts the cookie.

export const STREAM_MODULE = '/usr/lib/nginx/modules/ngx_stream_module.so';

/** What haproxy's httplog says, as far as nginx knows it. */
const LOG_FORMAT = `log_format httplog '$remote_addr:$remote_port [$time_local] bench bench/$upstream_addr '
    '$upstream_connect_time/$upstream_header_time/$request_time $status $bytes_sent - - ---- '
    '$connections_active/$connections_active 0/0 "$request"';`;

function main({ folder, threads, name }) {
  return `worker_processes ${threads};
worker_rlimit_nofile 40000;
daemon off;
pid ${folder}/${name}.pid;
error_log ${folder}/${name}.err;
events { worker_connections 24000; }
`;
}

export function nginxConfiguration(stage, context) {
  return stage.mode === 'tcp' ? streamConfiguration(context) : httpConfiguration(stage, context);
}

function streamConfiguration(context) {
  return `load_module ${STREAM_MODULE};
${main(context)}
stream {
  upstream servers { ${upstreams(context.servers)} }
  server { listen 127.0.0.1:${context.port} reuseport backlog=4096; proxy_pass servers; proxy_timeout 600s; }
}`;
}

function httpConfiguration(stage, context) {
  const log = stage.log
    ? `${LOG_FORMAT}\n  access_log syslog:server=127.0.0.1:${context.sinkPort},nohostname httplog;`
    : 'access_log off;';
  return `${main(context)}
http {
  ${log}
  keepalive_requests 100000000;
  keepalive_timeout 600s;
  client_max_body_size 0;
  upstream servers { ${upstreams(context.servers)} keepalive 512; keepalive_requests 100000000; keepalive_timeout 600s; }
  server {
    listen 127.0.0.1:${context.port} reuseport backlog=4096;
    proxy_http_version 1.1;
    # Bodies go through as they come, as they do in the other proxies, and not by way of files.
    proxy_request_buffering off;
    proxy_max_temp_file_size 0;
    add_header Set-Cookie "SRV=a; path=/";
    # A location with a proxy_set_header of its own inherits none.
    location / {
      proxy_pass http://servers;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr;
    }
    location /ws {
      proxy_pass http://servers;
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header Connection "upgrade";
      proxy_set_header Upgrade $http_upgrade;
      proxy_read_timeout 600s;
    }
  }
}`;
}

function upstreams(servers) {
  return servers.map((server) => `server 127.0.0.1:${server};`).join(' ');
}
