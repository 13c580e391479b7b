// The same work in each peer's own words: two servers in turn, a cookie inserted, X-Forwarded-For added, no log.

export function haproxyConfiguration(mode, port, servers, maxConnections) {
  const cookie = mode === 'http' ? ['cookie SRV insert indirect nocache', 'option forwardfor'] : [];
  return `
global
  maxconn ${maxConnections}
  nbthread 1
defaults
  mode ${mode}
  timeout connect 5s
  timeout client 600s
  timeout server 600s
listen bench
  bind 127.0.0.1:${port}
  balance roundrobin
${cookie.map((line) => `  ${line}\n`).join('')}${servers
  .map((server, index) => {
    const name = 'ab'[index];
    return `  server ${name} 127.0.0.1:${server}${mode === 'http' ? ` cookie ${name}` : ''}\n`;
  })
  .join('')}`;
}

export function nginxProxyConfiguration(mode, port, servers, folder, streamModule) {
  const upstream = servers.map((server) => `server 127.0.0.1:${server};`).join(' ');
  const shared = `
worker_processes 1;
worker_rlimit_nofile 40000;
daemon off;
pid ${folder}/nginx-${mode}.pid;
error_log ${folder}/nginx-${mode}.err;
events { worker_connections 24000; }`;
  if (mode === 'tcp') {
    return `
load_module ${streamModule};
${shared}
stream {
  upstream servers { ${upstream} }
  server { listen 127.0.0.1:${port} backlog=4096; proxy_pass servers; proxy_timeout 600s; }
}`;
  }
  return `
${shared}
http {
  access_log off;
  keepalive_requests 100000000;
  keepalive_timeout 600s;
  upstream servers { ${upstream} keepalive 512; keepalive_requests 100000000; keepalive_timeout 600s; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://servers;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr;
      add_header Set-Cookie "SRV=a; path=/";
    }
  }
}`;
}

/** The two servers behind every peer: one nginx worker on the load core. */
export function serversConfiguration(servers, folder) {
  return `
worker_processes 1;
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
${servers
  .map(
    (port) => `  server {
    listen 127.0.0.1:${port} reuseport backlog=4096;
    location / { default_type text/plain; return 200 "hello from ${port}\\n"; }
    location /files/ { alias ${folder}/; }
  }\n`,
  )
  .join('')}}`;
}
