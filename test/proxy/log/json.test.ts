/** Whatever clients, servers and names say, a line is one JSON object of ASCII that fits. */
import { describe, expect, it } from 'vitest';
import { JsonLine } from '../../../src/proxy/log/json.ts';
import { type Note, StreamNotes } from '../../../src/proxy/log/notes.ts';
import { LogRecord } from '../../../src/proxy/log/record.ts';
import { SeededRandom } from '../../support/random.ts';

const INFO = 6;
const ERROR = 3;

function recordOf(line: string): LogRecord {
  const record = new LogRecord();
  record.client = Uint8Array.of(192, 0, 2, 7);
  record.clientPort = 51034;
  record.frontend = Buffer.from('www');
  record.backend = Buffer.from('app');
  record.server = Buffer.from('s1');
  record.status = 200;
  record.bytes = 84;
  record.requestMs = 1;
  record.request = Buffer.from(line, 'latin1');
  record.requestLength = record.request.length;
  return record;
}

function written(record: LogRecord, level = INFO, limit = 1023): string {
  const into = Buffer.alloc(8192, 0x7e);
  return into.toString('utf8', 0, new JsonLine('lb1', 42, limit).write(record, level, 1795172138523.25, into));
}

function randomBytes(random: SeededRandom, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.below(256)));
}

describe('a JSON line', () => {
  it('says what pino says, and HAProxy’s figures', () => {
    expect(JSON.parse(written(recordOf('GET /a?b="c" HTTP/1.1')))).toEqual({
      level: 30,
      time: 1795172138523,
      pid: 42,
      hostname: 'lb1',
      responseTime: 0,
      timers: { request: 1, queue: null, connect: null, response: null, total: 0 },
      connections: { process: 0, frontend: 0, backend: 0, server: 0 },
      queue: { server: 0, backend: 0 },
      retries: 0,
      redispatched: false,
      termination: '----',
      frontend: 'www',
      backend: 'app',
      server: 's1',
      res: { statusCode: 200, bytes: 84 },
      req: { remoteAddress: '192.0.2.7', remotePort: 51034, method: 'GET', version: 'HTTP/1.1', url: '/a?b="c"' },
      msg: 'request completed',
    });
  });

  it('has the level and the message of what went wrong', () => {
    expect(JSON.parse(written(recordOf('GET / HTTP/1.1'), ERROR))).toMatchObject({ level: 50, msg: 'request errored' });
    expect(JSON.parse(written(recordOf('')))).toMatchObject({ msg: 'bad request', req: { remotePort: 51034 } });
    const tcp = recordOf('');
    tcp.http = false;
    expect(JSON.parse(written(tcp))).toMatchObject({
      msg: 'connection closed',
      termination: '--',
      res: { statusCode: null },
    });
  });

  it('keeps each byte as the letter of its number', () => {
    const numbers = Array.from({ length: 256 }, (_, i) => i).filter((byte) => byte !== 0x20 && byte !== 0x09);
    const all = Buffer.from(numbers);
    const line = `GET ${all.toString('latin1')} HTTP/1.1`;
    expect(JSON.parse(written(recordOf(line), INFO, 8191)).req.url).toBe(all.toString('latin1'));
  });

  it('is JSON, ASCII and short enough, whatever is in it', () => {
    const random = new SeededRandom(5);
    for (let round = 0; round < 5000; round++) {
      const record = recordOf(`${random.pick(['GET', 'X', ''])}${random.pick([' ', '  ', ''])}`);
      record.request = Buffer.concat([record.request.subarray(0), randomBytes(random, random.below(1024))]);
      record.requestLength = record.request.length;
      record.http = random.below(8) > 0;
      record.frontend = randomBytes(random, random.below(200));
      record.server = randomBytes(random, random.below(200));
      const sizes = { request: [20, 300, 0], response: [64], cookie: 10 };
      const notes = new StreamNotes(sizes);
      const fill = (note: Note): void => {
        if (random.below(3) > 0) notes.keep(note, randomBytes(random, 400), 0, random.below(400));
      };
      for (const note of [...notes.request, ...notes.response, notes.uniqueId]) fill(note);
      record.notes = random.below(4) > 0 ? notes : null;
      const limit = 100 + random.below(3000);
      const line = written(record, random.pick([INFO, ERROR]), limit);
      expect(line.length).toBeLessThanOrEqual(limit);
      expect(line).toMatch(/^[ -~]*$/);
      const { msg, req } = JSON.parse(line);
      if (msg === 'the line does not fit, see len') expect(limit).toBeLessThan(1000);
      else expect(req.remotePort).toBe(51034);
    }
  });
});
