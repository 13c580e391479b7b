/** The image of the Dockerfile, built step by step, and the pair of examples/compose run of it, as Docker would. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Container } from '../support/container.ts';
import { composeValues } from '../support/dockerfile.ts';
import { buildImage, type Image } from '../support/image.ts';
import { type Namespace, NamespaceLab } from '../support/namespaces.ts';
import { describeWithPeer, programPath } from '../support/peers.ts';

const EXAMPLE = join(import.meta.dirname, '..', '..', 'examples', 'compose');
const COMPOSE = readFileSync(join(EXAMPLE, 'compose.yaml'), 'utf8');
const VIP = '192.0.2.10';
const PATIENCE_MS = 60_000;
const MEMORY_BYTES = 1024 ** 3;
const SERVER = `for (const n of [1, 2]) require('http').createServer((q, a) => a.end('web' + n)).listen(8080, '192.0.2.2' + n);
setTimeout(() => console.log('there'), 100);`;

const folder = mkdtempSync(join(tmpdir(), 'tandem-image-'));
const lab = new NamespaceLab();
const containers: Container[] = [];

afterAll(async () => {
  for (const container of containers) await container.stop('SIGKILL');
  await lab.remove();
  rmSync(folder, { recursive: true, force: true });
}, 180_000);

async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!condition()) {
    if (Date.now() > deadline) {
      throw new Error(`it did not come to this: ${what}\n${containers.map(({ output }) => output).join('\n--\n')}`);
    }
    await sleep(50);
  }
}

function start(image: Image, name: string, box: Namespace): Container {
  const volumes = composeValues(COMPOSE, 'volumes').map((line) => {
    const [, source = '', target = ''] = /^\.\/(.*):(\/[^:]*):ro$/.exec(line.replace(/\$\{BOX[^}]*\}/, name)) ?? [];
    return [join(EXAMPLE, source), target] as const;
  });
  expect(composeValues(COMPOSE, 'mem_limit')).toEqual(['1g']);
  const container = new Container({
    image,
    folder: join(folder, name),
    // `ip netns exec` would mount another /sys, without the groups.
    network: ['nsenter', `--net=/run/netns/${box.name}`],
    capabilities: composeValues(COMPOSE, 'cap_add'),
    environment: { TANDEM_FILES: composeValues(COMPOSE, 'TANDEM_FILES').join(' ') },
    volumes,
    memoryBytes: MEMORY_BYTES,
  });
  containers.push(container);
  return container;
}

describeWithPeer(['netns', 'ip', 'curl', 'debootstrap'], 'image', () => {
  let image: Image;
  let client: Namespace;
  const boxes: Namespace[] = [];
  beforeAll(async () => {
    image = buildImage(folder);
    client = lab.add('client');
    lab.bridge(client, 'br0', '192.0.2.1/24');
    for (const n of [1, 2]) lab.run(client, 'ip', 'addr', 'add', `192.0.2.2${n}/24`, 'dev', 'br0');
    await lab.start(client, [process.execPath, '-e', SERVER]);
    for (const n of [1, 2]) {
      const box = lab.add(`box${n}`);
      lab.link(client, { bridge: 'br0' }, box, `192.0.2.1${n}/24`, 'eth0');
      boxes.push(box);
    }
  }, 600_000);

  const owns = (n: number): boolean => lab.run(boxes[n - 1] ?? client, 'ip', 'addr').includes(` ${VIP}/`);
  const ask = (): string => {
    try {
      return lab.run(client, programPath('curl'), '-s', '-m', '5', `http://${VIP}/`);
    } catch {
      return '';
    }
  };

  it('runs a pair with the rights that the compose file gives, and hands over when it is stopped', async () => {
    const [one, two] = boxes.map((box, i) => start(image, `box${i + 1}`, box)) as [Container, Container];
    // box2 may have been there first, and hands it over then.
    await until('box1 alone has the address', () => owns(1) && !owns(2));
    await until('it serves', () => /^web[12]$/.test(ask()));

    // io_uring is refused: it says so, and goes on without.
    expect(one.output).toMatch(/limits: .*, epoll\b/);
    expect(one.output).toMatch(/io_uring/);

    // Control is root with what it was given and no more; who speaks to clients is nobody in particular.
    const [control = -1, ...others] = one.pids;
    const fieldOf = (pid: number, name: string): string =>
      new RegExp(`^${name}:\\t(\\S+)`, 'm').exec(one.status(pid))?.[1] ?? '';
    const capabilities = composeValues(COMPOSE, 'cap_add');
    expect(
      BigInt(`0x${fieldOf(control, 'CapBnd')}`)
        .toString(2)
        .replaceAll('0', '').length,
    ).toBe(capabilities.length);
    expect([fieldOf(control, 'Uid'), fieldOf(control, 'NoNewPrivs')]).toEqual(['0', '1']);
    const data = others.filter((pid) => fieldOf(pid, 'Name') === 'haproxy');
    expect(data.length).toBeGreaterThan(0);
    const user = one.run('id -u tandem').output.trim();
    expect(user).toMatch(/^[1-9]\d*$/);
    for (const pid of data) expect([fieldOf(pid, 'Uid'), fieldOf(pid, 'CapEff')]).toEqual([user, '0000000000000000']);

    // The group's memory bounds it, whatever there may be of descriptors.
    const [, maxconn = '', memory = ''] = /maxconn (\d+) .*, (\d+) MB of memory/.exec(one.output) ?? [];
    expect(Number(maxconn) * 16_384).toBeLessThan((Number(memory) * 1024 * 1024) / 2);
    if (one.hasMemoryLimit) expect(memory).toBe('1024');

    expect(one.run(image.settings.get('HEALTHCHECK') ?? 'false')).toMatchObject({ status: 0 });
    expect(one.run('touch /x').status).not.toBe(0);

    expect(await one.stop(image.settings.get('STOPSIGNAL') as NodeJS.Signals)).toBe(0);
    await until('box2 has the address', () => owns(2));
    expect(owns(1)).toBe(false);
    await until('it serves', () => /^web[12]$/.test(ask()));
    expect(two.runs).toBe(true);
  }, 240_000);
});
