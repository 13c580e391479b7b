/**
 * The configuration of a published article ("Configuring Simple Load Balancing Using HAProxy", Oracle Linux 7), unchanged
 * although today's haproxy refuses it, between namespaces that carry the addresses it names:
 *
 *   client 10.0.0.1 ── 10.0.0.10 proxy 192.168.1.10 ─┬─ 192.168.1.71 websvr1
 *                                                    └─ 192.168.1.72 websvr2
 *
 * and the session that the article prints: answers alternate; when websvr1's service stops, a 503 at most until the
 * checks have noticed, then websvr2 alone; when it is back, both.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Namespace, NamespaceLab } from '../../support/namespaces.ts';
import { describeWithPeer, programPath } from '../../support/peers.ts';
import { ProxyProcess, TANDEM_HAPROXY } from '../../support/proxy-process.ts';

const run = promisify(execFile);

const WEB_SERVER = `
const [name, address] = process.argv.slice(1);
require('node:http').createServer((request, response) => {
  const answer = 'This is HTTP server ' + name + ' (' + address + ').\\n';
  if (request.method === 'OPTIONS') response.end();
  else response.setHeader('X-Client', request.headers['x-forwarded-for'] ?? '').end(answer);
}).listen(80, address, () => console.log('ready'));`;

const ONE = 'This is HTTP server websvr1 (192.168.1.71).\n';
const TWO = 'This is HTTP server websvr2 (192.168.1.72).\n';
const UNAVAILABLE =
  '<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n';

const config = readFileSync(join(import.meta.dirname, 'two-web-servers.cfg'), 'utf8');

describeWithPeer(['netns', 'ip', 'curl'], 'two web servers between namespaces', () => {
  const lab = new NamespaceLab();
  let client: Namespace;
  let web1: Namespace;
  let proxy: ProxyProcess | undefined;

  const curl = async (...options: string[]): Promise<string> => {
    const [program = '', ...rest] = [...client.exec, programPath('curl'), '-s', '-m', '20', ...options];
    const { stdout } = await run(program, [...rest, 'http://10.0.0.10']);
    return stdout;
  };

  const serve = (inside: Namespace, name: string, address: string) =>
    lab.start(inside, [process.execPath, '-e', WEB_SERVER, name, address]);

  /** Answers until `enough` of them end the waiting; at most `limit`. */
  async function answersUntil(enough: (answers: readonly string[]) => boolean, limit: number): Promise<string[]> {
    const answers: string[] = [];
    while (!enough(answers) && answers.length < limit) {
      answers.push(await curl());
      await sleep(200);
    }
    return answers;
  }

  beforeAll(async () => {
    client = lab.add('client');
    const balancer = lab.add('proxy');
    web1 = lab.add('web1');
    const web2 = lab.add('web2');
    lab.link(balancer, { address: '10.0.0.10/24' }, client, '10.0.0.1/24');
    lab.bridge(balancer, 'inside', '192.168.1.10/24');
    lab.link(balancer, { bridge: 'inside' }, web1, '192.168.1.71/24');
    lab.link(balancer, { bridge: 'inside' }, web2, '192.168.1.72/24');
    await serve(web2, 'websvr2', '192.168.1.72');
    proxy = await ProxyProcess.startAs([...balancer.exec, TANDEM_HAPROXY], config, async () => {
      try {
        await curl('-o', '/dev/null');
        return true;
      } catch {
        return false;
      }
    });
  });

  afterAll(async () => {
    await proxy?.stop();
    await lab.remove();
  });

  it('repeats the session of the article', async () => {
    let one = await serve(web1, 'websvr1', '192.168.1.71');
    const alternates = (answers: readonly string[]): boolean =>
      [ONE, TWO].every((server) => answers.slice(-6).filter((answer) => answer === server).length === 3) &&
      answers.slice(-5).every((answer, index) => answer !== answers.slice(-6)[index]);

    const both = await answersUntil(alternates, 100);
    expect(alternates(both)).toBe(true);
    expect(await curl('-o', '/dev/null', '-D', '-')).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(await curl('-o', '/dev/null', '-D', '-')).toMatch(/^x-client: 10\.0\.0\.1\r$/im);

    await lab.end(one);
    const alone = (answers: readonly string[]): boolean => answers.slice(-8).filter((one) => one === TWO).length === 8;
    const stopped = await answersUntil(alone, 100);
    expect(alone(stopped)).toBe(true);
    // Between the stop and the verdict: the error page for what went to the stopped one, never its answer.
    expect(stopped.filter((answer) => answer !== TWO && answer !== UNAVAILABLE)).toEqual([]);
    expect(stopped.filter((answer) => answer === UNAVAILABLE).length).toBeLessThan(10);

    one = await serve(web1, 'websvr1', '192.168.1.71');
    const back = await answersUntil(alternates, 100);
    expect(alternates(back)).toBe(true);
    expect(back.filter((answer) => answer !== ONE && answer !== TWO)).toEqual([]);
  }, 90_000);
});
