// Servers, balancers and their programs, all running; and one measurement of one way.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processTree } from '../process-tree.mjs';
import { cpuMicroseconds, softirqThreads, TIMED, timedMicroseconds } from './cpu.mjs';
import { Network, SERVERS } from './network.mjs';
import { WAYS } from './ways.mjs';
import { BULK_BYTES, unitsOf } from './works.mjs';

const SCRIPT = join(import.meta.dirname, 'load.lua');
const START_MS = 20_000;
/** As many as servers, so that each has its own. */
const WRK_THREADS = String(SERVERS.length);

export class Stage {
  #network = new Network();
  #programs;
  #cores;
  #folder;
  #balancers = new Map();
  #fixed = [];

  constructor(programs, cores, folder) {
    this.#programs = programs;
    this.#cores = cores;
    this.#folder = folder;
  }

  async start(names) {
    this.#network.start();
    // Servers are not root.
    chmodSync(this.#folder, 0o755);
    writeFileSync(join(this.#folder, 'bulk'), Buffer.alloc(BULK_BYTES, 'tandem '), { mode: 0o644 });
    for (const server of SERVERS) this.#run(`server${server}`, ['nginx', '-c', this.#serverFile(server)]);
    for (const [index, name] of names.entries()) {
      const { returns, setUp, program, targets } = WAYS[name];
      // No balancer is the first one's number, too.
      const way = index + 1;
      const balancer = name === 'link' ? null : this.#network.balancer(way, returns);
      if (targets(way)[0] === `192.168.${way}.100`) this.#network.virtualOnBalancer(way);
      setUp?.(this.#network, balancer, way);
      if (program !== undefined) this.#run(balancer, program(this.#folder, way));
      this.#balancers.set(name, { balancer, targets: targets(way) });
    }
    for (const name of names) await this.#ready(name);
    const own = [...softirqThreads(), ...processTree(process.pid).filter((pid) => pid !== process.pid)];
    this.#fixed = own;
  }

  /** From now on packets leave client and servers cut to the link's size, or not. */
  segments(isCut) {
    for (const name of ['client', ...SERVERS.map((server) => `server${server}`)])
      this.#network.largestSegments(name, isCut);
  }

  async measure(name, work, seconds) {
    const { balancer, targets } = this.#balancers.get(name);
    const command = [
      ...['wrk', `-t${WRK_THREADS}`, `-c${work.connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', SCRIPT],
      ...(work.close ? ['-H', 'Connection: close'] : []),
      `http://${targets[0]}${work.path}`,
    ];
    const environment = ['env', `L4_ADDRESSES=${targets.join(',')}`];
    const packetsBefore = this.#packets(balancer);
    const before = cpuMicroseconds(this.#fixed);
    const output = await this.#programs.run([...this.#network.exec('client'), ...TIMED, ...environment, ...command], {
      cores: this.#cores,
      timeoutMs: (seconds + 20) * 1000,
    });
    const cpu = cpuMicroseconds(this.#fixed) - before + timedMicroseconds(output);
    const packets = this.#packets(balancer) - packetsBefore;
    return sampleOf(work, output, cpu, packets);
  }

  async stop() {
    await this.#programs.stop();
    this.#network.remove();
  }

  #packets(balancer) {
    return balancer === null ? 0 : this.#network.packets(balancer);
  }

  #run(name, command) {
    this.#programs.start([...this.#network.exec(name), ...command], { cores: this.#cores });
  }

  /** Every server has answered by this way. */
  async #ready(name) {
    const { targets } = this.#balancers.get(name);
    const seen = new Set();
    const begun = performance.now();
    for (let i = 0; seen.size < SERVERS.length; i++) {
      if (performance.now() - begun > START_MS) throw new Error(`${name}: only ${seen.size} servers answer`);
      try {
        seen.add(this.#network.run('client', 'curl', '-s', '-m', '1', `http://${targets[i % targets.length]}/`));
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  #serverFile(server) {
    const file = join(this.#folder, `server${server}.conf`);
    writeFileSync(
      file,
      `worker_processes 1;
worker_rlimit_nofile 20000;
daemon off;
pid ${file}.pid;
error_log ${file}.err;
events { worker_connections 8000; }
http {
  access_log off;
  keepalive_requests 100000000;
  keepalive_timeout 600s;
  sendfile on;
  server {
    listen 80 backlog=4096;
    location / { default_type text/plain; return 200 "hello from ${server}\\n"; }
    location /files/ { alias ${this.#folder}/; }
  }
}
`,
    );
    return file;
  }
}

export function sampleOf(work, output, cpu, packets) {
  const line = output.split('\n').find((one) => one.startsWith('{'));
  if (line === undefined) throw new Error(`wrk said nothing of its result:\n${output}`);
  const { requests, bytes, seconds, ...errors } = JSON.parse(line);
  const units = unitsOf(work, { requests, bytes });
  const trouble = Object.entries(errors).filter(([, count]) => count > 0);
  return {
    rate: units / seconds,
    packetRate: packets / seconds,
    cpu: units > 0 ? cpu / units : Number.NaN,
    trouble: trouble.map(([name, count]) => `${count} ${name} errors`).join(', '),
  };
}
