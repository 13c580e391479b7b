import { describe, expect, it } from 'vitest';
import { ldapBind, mysqlGreeting, mysqlOk, type ProtocolVerdict } from '../../src/health/expect-protocols.ts';

const packet = (text: string): string => `${String.fromCharCode(text.length & 0xff, text.length >> 8, 0, 0)}${text}`;

const GREETING = packet(`\x0a8.0.30\0${'x'.repeat(300)}`);
const OK = packet('\0\0\0\x02\0\0\0');
const BIND = '\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00';
const BIND_OF_4 = '\x30\x84\x00\x00\x00\x10\x02\x01\x01\x61\x84\x00\x00\x00\x07\x0a\x01\x00\x04\x00\x04\x00';
const BIND_OF_2 = '\x30\x82\x00\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00';

const words = (verdict: ProtocolVerdict): string => {
  return verdict.kind === 'wrong' ? `${verdict.result}/${verdict.code} ${verdict.words}`.trim() : verdict.kind;
};

describe.each([
  ['a greeting of MySQL', GREETING, mysqlGreeting],
  ['an OK of MySQL behind its greeting', GREETING + OK, mysqlOk],
  ['a bind of LDAP', BIND, ldapBind],
  ['a bind of LDAP with a length of two bytes', BIND_OF_2, ldapBind],
  ['a bind of LDAP with a length of four bytes', BIND_OF_4, ldapBind],
] as const)('%s', (_, text, judge) => {
  it('is fine when it is all there, whatever comes behind', () => {
    expect(words(judge(text, false))).toBe('fine');
    expect(words(judge(`${text}more`, false))).toBe('fine');
  });

  it('is waited for at every byte, and invalid if it ends there', () => {
    for (let cut = 2; cut < text.length; cut++) {
      expect(words(judge(text.slice(0, cut), false)), `cut at ${cut}`).toBe('wait');
      expect(words(judge(text.slice(0, cut), true)), `cut at ${cut}`).toBe('L7RSP/0');
    }
  });
});

describe('what is wrong', () => {
  it.each([
    ['blocked', mysqlGreeting(packet("\xff\x69\x04Host 'x' is blocked"), false), "L7STS/1129 Host 'x' is blocked"],
    ['denied', mysqlOk(GREETING + packet('\xff\x15\x04Access denied'), false), 'L7STS/1045 Access denied'],
    [
      'no LDAP',
      ldapBind('HTTP/1.1 200 OK and a lot more of the same, until it is enough of it, and more', false),
      'wait',
    ],
    ['no LDAP at the end', ldapBind('\x30\x04HTTP', false), 'L7RSP/0 Not LDAPv3 protocol'],
    ['a length of three bytes', ldapBind('\x30\x83\x00\x00\x00', false), 'L7RSP/0 Not LDAPv3 protocol'],
    ['no result', ldapBind(BIND.replace('\x0a\x01', '\x0b\x01'), false), 'L7RSP/0 Not LDAPv3 protocol'],
    [
      'refused',
      ldapBind(BIND.replace('\x0a\x01\x00', '\x0a\x01\x31'), false),
      'L7STS/49 See RFC: http://tools.ietf.org/html/rfc4511#section-4.1.9',
    ],
  ])('%s', (_, verdict, expected) => {
    expect(words(verdict)).toBe(expected);
  });
});
