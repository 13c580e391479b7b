/**
 * A real haproxy that answers each request with what its expressions are worth: the body of `http-request return` is a
 * log-format in a file. Not here: expressions that it does not evaluate for a request.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programPath } from '../../support/peers.ts';
import { freePort } from '../../support/ports.ts';

const SEPARATOR = '\n==\n';
/** Answers have to fit into a buffer. */
const EXPRESSIONS_OF_AN_ANSWER = 60;

export class HaproxySamplePeer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tandem-sample-'));
  #port = 0;
  #pid = 0;
  #groups = 0;

  /** `lines` stand in the frontend. */
  async start(expressions: readonly string[], lines: readonly string[] = []): Promise<void> {
    this.#port = await freePort();
    const returns: string[] = [];
    for (let at = 0; at < expressions.length; at += EXPRESSIONS_OF_AN_ANSWER) {
      const file = join(this.#folder, `body${this.#groups}`);
      const group = expressions.slice(at, at + EXPRESSIONS_OF_AN_ANSWER);
      writeFileSync(file, group.map((expression) => `%[${expression}]${SEPARATOR}`).join(''));
      // The first header of all says which group, and is taken away before anything is looked at.
      returns.push(
        `http-request return status 200 content-type text/plain lf-file ${file} if { var(txn.g) -m str ${this.#groups} }`,
      );
      this.#groups++;
    }
    const file = join(this.#folder, 'haproxy.cfg');
    const text = [
      'defaults',
      ' mode http',
      ' timeout client 60s',
      ' timeout http-request 60s',
      ' option http-buffer-request',
      ' option accept-invalid-http-request',
      'listen samples',
      ` bind 127.0.0.1:${this.#port}`,
      ' http-request set-var(txn.g) req.hdr(x-tandem-group)',
      ' http-request del-header x-tandem-group',
      ...lines.map((line) => ` ${line}`),
      ...returns.map((line) => ` ${line}`),
      '',
    ];
    writeFileSync(file, text.join('\n'));
    const pidFile = join(this.#folder, 'pid');
    const started = spawnSync(programPath('haproxy'), ['-D', '-p', pidFile, '-f', file], { encoding: 'utf8' });
    if (started.status !== 0) throw new Error(`haproxy did not start: ${started.stderr}`);
    this.#pid = Number(readFileSync(pidFile, 'latin1'));
  }

  stop(): void {
    if (this.#pid > 0) process.kill(this.#pid);
    rmSync(this.#folder, { recursive: true });
  }

  /** One text for each expression, '' also where there is none. The client is at `address`. */
  async ask(request: string, address: string): Promise<string[]> {
    const answers: string[] = [];
    for (let group = 0; group < this.#groups; group++) {
      const marked = request.replace('\r\n', `\r\nX-Tandem-Group: ${group}\r\n`);
      const socket = connect({ port: this.#port, host: '127.0.0.1', localAddress: address });
      socket.end(marked, 'latin1');
      let answer = '';
      for await (const chunk of socket) answer += (chunk as Buffer).toString('latin1');
      const [, body] = /^HTTP\/1\.1 200 .*?\r\n\r\n(.*)$/s.exec(answer) ?? [];
      if (body === undefined) throw new Error(`haproxy answered ${answer.slice(0, 200)} to ${request}`);
      answers.push(...body.split(SEPARATOR).slice(0, -1));
    }
    return answers;
  }
}
