/** nginx as a reverse proxy in front of one server, passing on as much as it will: started on a file, ended by pid. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connects } from '../../support/ports.ts';

const configuration = (folder: string, port: number, serverPort: number): string => `
daemon off;
master_process off;
worker_processes 1;
pid ${folder}/pid;
error_log ${folder}/error.log crit;
events { worker_connections 512; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  underscores_in_headers on;
  ignore_invalid_headers off;
  merge_slashes off;
  lingering_close off;
  server {
    listen 127.0.0.1:${port};
    client_max_body_size 0;
    location / {
      proxy_pass http://127.0.0.1:${serverPort};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Connection close;
      proxy_ignore_client_abort on;
      proxy_next_upstream off;
    }
  }
}
`;

export class NginxProcess {
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
  }

  static async start(program: string, port: number, serverPort: number): Promise<NginxProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-fuzz-'));
    const file = join(folder, 'nginx.conf');
    writeFileSync(file, configuration(folder, port, serverPort));
    const child = spawn(program, ['-c', file, '-e', join(folder, 'error.log')], { stdio: 'ignore' });
    const nginx = new NginxProcess(child, folder);
    for (let tries = 0; !(await connects(port)); tries++) {
      if (child.exitCode !== null || tries > 200) {
        await nginx.stop();
        throw new Error(`nginx is not ready on port ${port}`);
      }
      await sleep(50);
    }
    return nginx;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await gone;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
