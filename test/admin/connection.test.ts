/** What is said on a stats socket, whatever the commands are: lines, ends, bounds. */
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AdminScene, PROXIES } from '../support/admin-scene.ts';
import { settle } from '../support/fake-time.ts';
import { StatsClient } from '../support/stats-client.ts';

const VERSION = '2.6.12-tandem-1.2.3\n';

let scene: AdminScene;
beforeEach(() => {
  scene = new AdminScene();
});
afterEach(() => scene.close());

/** Waits for a condition; the test's own time limit bounds it. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

describe('a line', () => {
  it.each([
    ['one command', 'show version\n', `${VERSION}\n`],
    ['with a carriage return', 'show version\r\n', `${VERSION}\n`],
    ['several commands', 'show version;show cli level\n', `${VERSION}\nadmin\n\n`],
    ['several lines at once', 'show version\nshow version\n', `${VERSION}\n${VERSION}\n`],
    ['no end', 'show version', ''],
    ['quit', 'quit\n', ''],
    ['quit before others', 'show version;quit;show version\n', `${VERSION}\n`],
    ['nothing', '', ''],
  ])('%s', async (_, text, answer) => {
    const client = new StatsClient(scene.path);
    client.socket.end(text);
    expect(await client.rest()).toBe(answer);
  });

  it('is answered however it is cut, and the connection ends though the client does not', async () => {
    const client = new StatsClient(scene.path);
    for (const byte of 'show version\n') {
      client.say(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await client.rest()).toBe(`${VERSION}\n`);
  });

  it('that is too long ends the connection without an answer', async () => {
    const client = new StatsClient(scene.path);
    client.say(`${'a'.repeat(16_500)}`);
    expect(await client.rest()).toBe('');
    const ended = new StatsClient(scene.path);
    ended.say(`show version\n${'a'.repeat(17_000)}\nshow version\n`);
    expect(await ended.rest()).toBe(`${VERSION}\n`);
  });

  it('of the greatest length is answered', async () => {
    const text = await scene.ask(`show version ${'a'.repeat(16_384 - 13)}`);
    expect(text).toBe(`${VERSION}\n`);
  });

  it('with very many commands is cut off, and the process goes on', async () => {
    const answer = await scene.ask('show cli level;'.repeat(1090));
    expect(answer.match(/admin/g)?.length).toBeLessThanOrEqual(1024);
  });
});

describe('prompt', () => {
  it('keeps the connection until quit, with a sign after each answer', async () => {
    const client = new StatsClient(scene.path);
    client.say('prompt\n');
    await client.until('\n> ');
    client.say('show version\n');
    await client.until(`${VERSION}\n> `);
    client.say('show cli level;show version\n');
    await client.until(`admin\n\n> ${VERSION}\n> `);
    client.say('quit\n');
    expect(await client.rest()).toBe(`\n> ${VERSION}\n> admin\n\n> ${VERSION}\n> `);
  });

  it('twice is none', async () => {
    expect(await scene.ask('prompt;prompt;show version')).toBe(`\n> \n${VERSION}\n`);
  });

  it('is over when the client ends', async () => {
    expect(await scene.ask('prompt;show version')).toBe(`\n> ${VERSION}\n> `);
  });
});

describe('a silent connection', () => {
  it('is closed after stats timeout', async () => {
    scene.close();
    scene = new AdminScene('level admin', ' stats timeout 5s');
    const client = new StatsClient(scene.path);
    client.say('prompt\n');
    await client.until('> ');
    await scene.side.time.advance(4999);
    client.say('show version\n');
    await client.until(`${VERSION}\n> `);
    await scene.side.time.advance(4999);
    expect(client.socket.destroyed).toBe(false);
    await scene.side.time.advance(2);
    expect(await client.rest()).toBe(`\n> ${VERSION}\n> `);
  });

  it('may ask for more time', async () => {
    const client = new StatsClient(scene.path);
    client.say('prompt;set timeout cli 60\n');
    await client.until('\n> \n> ');
    await scene.side.time.advance(59_000);
    client.say('show version\n');
    await client.until(`${VERSION}\n> `);
    await scene.side.time.advance(60_001);
    await client.rest();
  });

  it.each(['0', '-1', 'x', '10x', '99999999999'])('not %s', async (delay) => {
    expect(await scene.ask(`set timeout cli ${delay}`)).toBe('Invalid timeout value.\n\n');
  });
});

describe('an answer that nobody reads', () => {
  const many = `${PROXIES}\nbackend many\n${Array.from({ length: 3000 }, (_, i) => ` server x${i} 192.0.2.9:80`).join('\n')}\n`;

  it('is made no further than what was read, and the connection ends after the timeout', async () => {
    scene.close();
    scene = new AdminScene('level admin', '', many);
    let made = 0;
    const { statistics } = scene.side;
    const proxies = statistics.proxies.bind(statistics);
    statistics.proxies = function* (id) {
      for (let i = 0; i < 50; i++) {
        made++;
        yield* proxies(id);
      }
    };
    const client = new StatsClient(scene.path);
    client.socket.pause();
    client.say('show stat\n');
    await until(() => made > 0);
    // It comes to rest: nothing is made while nothing is read.
    let before = -1;
    for (let quiet = 0; quiet < 200; quiet = made === before ? quiet + 1 : 0) {
      before = made;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(made).toBeLessThan(20);
    await scene.side.time.advance(10_001);
    client.socket.resume();
    await client.rest();
    expect(made).toBeLessThan(20);
  });

  it('is complete for one who reads late', async () => {
    scene.close();
    scene = new AdminScene('level admin', '', many);
    const client = new StatsClient(scene.path);
    client.socket.pause();
    client.socket.end('show stat\n');
    await until(() => client.socket.writableFinished);
    client.socket.resume();
    const lines = (await client.rest()).trimEnd().split('\n');
    expect(lines.length).toBe(1 + 1 + 3 + 1 + 1 + 1 + 1 + 3000 + 1);
  });
});

describe('stats maxconn', () => {
  it('lets no more in; who comes then waits for a place', async () => {
    scene.close();
    scene = new AdminScene('level admin', ' stats maxconn 2');
    const first = [new StatsClient(scene.path), new StatsClient(scene.path)];
    for (const client of first) {
      client.say('prompt\n');
      await client.until('> ');
    }
    const third = new StatsClient(scene.path);
    third.say('show version\n');
    await once(third.socket, 'connect');
    first[0]?.say('show version\n');
    await first[0]?.until(`${VERSION}\n> `);
    expect(third.text).toBe('');
    first[0]?.say('quit\n');
    expect(await third.rest()).toBe(`${VERSION}\n`);
    first[1]?.socket.destroy();
  });

  it('counts over all sockets', async () => {
    scene.close();
    const other = join(scene.folder, '..', `tandem-other-${process.pid}.sock`);
    scene = new AdminScene('level admin', ` stats socket ${other} level admin\n stats maxconn 1`);
    const first = new StatsClient(scene.path);
    first.say('prompt\n');
    await first.until('> ');
    const second = new StatsClient(other);
    second.say('show version\n');
    await once(second.socket, 'connect');
    first.say('show version\n');
    await first.until(`${VERSION}\n> `);
    expect(second.text).toBe('');
    first.say('quit\n');
    expect(await second.rest()).toBe(`${VERSION}\n`);
  });

  it('of a socket counts for that socket', async () => {
    scene.close();
    scene = new AdminScene('level admin maxconn 1');
    const first = new StatsClient(scene.path);
    first.say('prompt\n');
    await first.until('> ');
    const second = new StatsClient(scene.path);
    second.say('show version\n');
    first.say('show version\n');
    await first.until(`${VERSION}\n> `);
    expect(second.text).toBe('');
    first.socket.destroy();
    expect(await second.rest()).toBe(`${VERSION}\n`);
  });
});

describe('a command that fails', () => {
  it('says so, tells the journal why, and hurts nobody else', async () => {
    scene.side.statistics.process = () => {
      throw new Error('broken on purpose');
    };
    expect(await scene.ask('show info;show version')).toBe(`Internal error.\n\n${VERSION}\n`);
    expect(scene.side.said.join('\n')).toContain('broken on purpose');
  });

  it('in the middle of its answer, too', async () => {
    const { statistics } = scene.side;
    const proxies = statistics.proxies.bind(statistics);
    statistics.proxies = function* (id) {
      yield* proxies(id);
      throw new Error('broken later');
    };
    const answer = await scene.ask('show stat');
    expect(answer).toMatch(/^# pxname/);
    expect(answer).toMatch(/Internal error\.\n\n$/);
  });
});

describe('the socket', () => {
  it('is there for its owner alone', () => {
    expect(statSync(scene.path).mode & 0o777).toBe(0o600);
  });

  it('has the mode that it was given', () => {
    scene.close();
    scene = new AdminScene('mode 660 level user');
    expect(statSync(scene.path).mode & 0o777).toBe(0o660);
  });

  it('goes when the program stops; who is connected is let go when it has', async () => {
    const client = new StatsClient(scene.path);
    client.say('prompt\n');
    await client.until('> ');
    for (const listener of scene.side.listeners) listener.close();
    scene.side.stop();
    await settle();
    expect(() => statSync(scene.path)).toThrow();
    client.say('show version\n');
    await client.until(`${VERSION}\n> `);
    scene.side.end();
    await client.rest();
  });
});
