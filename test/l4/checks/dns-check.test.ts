import { afterEach, describe, expect, it } from 'vitest';
import type { CheckConnection, DnsType } from '../../../src/config/l4-model.ts';
import { dnsMethod } from '../../../src/l4/checks/dns-check.ts';
import { dnsQuestion, dnsResult } from '../../../src/l4/checks/dns-message.ts';
import {
  type DatagramAnswer,
  datagramServer,
  found,
  home,
  ORIGIN,
  SHORT_MS,
  services,
  timing,
  to,
} from '../../support/l4-checks.ts';
import { freePort } from '../../support/ports.ts';

const toStop: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of toStop.splice(0)) await one.stop();
});

async function server(answer: DatagramAnswer, ip?: string) {
  const one = await datagramServer(answer, ip);
  toStop.push(one);
  return one;
}

/** The question as an answer with this code. */
function answerTo(question: Buffer, rcode: number): Buffer {
  const bytes = Buffer.from(question);
  bytes.writeUInt16BE(0x8180 | rcode, 2);
  return bytes;
}

function check(port: number, connectTimeoutMs?: number, more: Partial<CheckConnection> = {}) {
  const rules = timing(connectTimeoutMs === undefined ? {} : { connectTimeoutMs });
  const asked = { kind: 'dns', type: 'A', name: 'www.example.com' } as const;
  return dnsMethod({ ...asked, connection: to(port, more), origin: ORIGIN, timing: rules }, home(), services());
}

describe('the messages of DNS_CHECK', () => {
  it.each<[string, DnsType, string]>([
    ['.', 'SOA', '1234010000010000000000000000060001'],
    ['www.example.com', 'A', '12340100000100000000000003777777076578616d706c6503636f6d0000010001'],
    ['example.com.', 'AAAA', '123401000001000000000000076578616d706c6503636f6d00001c0001'],
    ['example.com.', 'DNSKEY', '123401000001000000000000076578616d706c6503636f6d0000300001'],
  ])('a question for %s %s', (name, type, hex) => {
    expect(dnsQuestion(0x1234, name, type).toString('hex')).toBe(hex);
  });

  it.each([
    ['123481800001', null],
    ['12348180000100000000000', null],
    ['123481800001000000000000', 'NOERROR'],
    ['123483800001000000000000', 'NOERROR'],
    ['123481820001000000000000', 'SERVFAIL'],
    ['123481830001000000000000', 'NXDOMAIN'],
    ['123481850001000000000000', 'REFUSED'],
    ['12348189000100000000000000', 'rcode 9'],
    ['123501800001000000000000', null],
    ['123401000001000000000000', null],
  ])('%s is %s', (hex, expected) => {
    expect(dnsResult(0x1234, Buffer.from(hex, 'hex'))).toBe(expected);
  });
});

describe('DNS_CHECK', () => {
  const LINE = 'DNS_CHECK ([10.0.0.71]:tcp:80)';

  it('an answer without an error, over IPv4 and IPv6', async () => {
    const four = await server((question) => answerTo(question, 0));
    expect(await found(check(four.port))).toBe('good: NOERROR');
    expect(four.heard[0]?.toString('latin1')).toContain('\x03www\x07example\x03com\0');
    const six = await server((question) => answerTo(question, 0), '::1');
    const address = { family: 6, ip: '::1', port: six.port } as const;
    expect(await found(check(0, undefined, { address }))).toBe('good: NOERROR');
  });

  it.each([
    [2, 'SERVFAIL'],
    [3, 'NXDOMAIN'],
    [5, 'REFUSED'],
  ])('code %d is a failure', async (rcode, name) => {
    const one = await server((question) => answerTo(question, rcode));
    expect(await found(check(one.port))).toBe(`${LINE} read error occurred: ${name} to www.example.com A`);
  });

  it('waits for its own answer: not another’s, not its question, not a part of one', async () => {
    const strays = (question: Buffer): Buffer[] => {
      const other = answerTo(question, 5);
      other.writeUInt16BE(question.readUInt16BE(0) ^ 1, 0);
      return [other, question, answerTo(question, 5).subarray(0, 11)];
    };
    const silent = await server(strays);
    const expected = `${LINE} read timeout from socket: no answer within ${SHORT_MS / 1000} s`;
    expect(await found(check(silent.port, SHORT_MS))).toBe(expected);
    const slow = await server((question) => [...strays(question), answerTo(question, 0)]);
    expect(await found(check(slow.port))).toBe('good: NOERROR');
  });

  it('nobody listens: ICMP says so at once', async () => {
    expect(await found(check(await freePort()))).toBe(`${LINE} connection failure: Connection refused`);
  });

  it('leaves from where it is told to', async () => {
    const one = await server((question) => answerTo(question, 0));
    const from = { ip: '127.0.0.9', port: await freePort() };
    for (let i = 0; i < 3; i++) expect(await found(check(one.port, undefined, { from }))).toBe('good: NOERROR');
    const foreign = { ip: '192.0.2.77', port: 0 };
    expect(await found(check(one.port, undefined, { from: foreign }))).toBe(
      'unmade: address 192.0.2.77: Cannot assign requested address',
    );
  });
});
