/** Servers as one adds them on a stats socket: which words are taken there, and what is said of others. */
import { describe, expect, it } from 'vitest';
import { type AddedServer, readAddedServer } from '../../../src/config/haproxy/added-server.ts';

const NEIGHBOURS = {
  servers: [
    { name: 's1', id: 1 },
    { name: 's2', id: 3 },
  ],
  checksHavePorts: false,
};

function read(text: string, name = 'x'): AddedServer | string {
  return readAddedServer(name, text === '' ? [] : text.split(' '), NEIGHBOURS);
}

function added(text: string): AddedServer {
  const result = read(text);
  if (typeof result === 'string') throw new Error(result);
  return result;
}

describe('an added server', () => {
  it('has what its words say, nothing of default-server, and the first number that is free', () => {
    const { server, arrives } = added(
      '192.0.2.9:80 weight 7 check inter 5s maxconn 5 backup slowstart 10s pool-max-conn 4',
    );
    expect(server).toMatchObject({
      name: 'x',
      id: 2,
      idGiven: false,
      address: { host: '192.0.2.9', kind: 'ip4', port: 80 },
      weight: 7,
      maxconn: 5,
      backup: true,
      slowStartS: 10,
      poolMaxConn: 4,
      check: { enabled: true, intervalMs: 5000 },
    });
    expect(arrives).toBe('asleep');
  });

  it.each([
    ['enabled', 'awake', false],
    ['disabled', 'asleep', true],
    ['enabled disabled', 'asleep', true],
    ['disabled enabled', 'awake', false],
  ])('that is %s', (words, arrives, disabled) => {
    const result = added(`192.0.2.9:80 ${words}`);
    expect(result).toMatchObject({ arrives, server: { disabled } });
  });

  it.each([
    ['', "'server' expects <name> and <addr>[:<port>] as arguments."],
    ['192.0.2.9:80 cookie a', "'cookie' option is not accepted for dynamic server"],
    ['192.0.2.9:80 weight 3 redir /x', "'redir' option is not accepted for dynamic server"],
    ['192.0.2.9:80 init-addr none', "'init-addr' option is not accepted for dynamic server"],
    ['192.0.2.9:80 no-check', "'no-check' option is not accepted for dynamic server"],
    ['192.0.2.9:80 blah', "unknown keyword 'blah'."],
    ['192.0.2.9:80 weigh 4', "unknown keyword 'weigh'; did you mean 'weight' maybe ?"],
    ['192.0.2.9:80 id 3', "'id' : custom id 3 already used ('server s2')."],
    ['192.0.2.9:80 check track b/s1', 'unable to enable checks and tracking at the same time!'],
    ['192.0.2.9:80 agent-check', 'server x does not have agent port. Agent check has been disabled.'],
    [
      '192.0.2.9 check',
      "server 'x' has neither service port nor check port nor tcp_check rule 'connect' with port information.",
    ],
    ['192.0.2.9:80 ssl', "server parameter 'ssl' is not supported yet (there is no TLS yet)"],
    ['192.0.2.9:80 weight 300', "'weight 300': the value must be between 0 and 256"],
    ['192.0.2.9:80 weight', "server parameter 'weight' lacks an argument (write: weight <number>)"],
    ['name.example:80', "'name.example:80': names of added servers are not looked up; write an address"],
    ['192.0.2.9:80:90', "'192.0.2.9:80' is not an address"],
  ])('is not made of %j', (text, said) => {
    expect(read(text)).toBe(said);
  });

  it('has a name of its own, of letters that are allowed', () => {
    expect(read('192.0.2.9:80', 's2')).toBe('Already exists a server with the same name in backend.');
    expect(read('192.0.2.9:80', 'a/b')).toBe("character '/' is not permitted in server name 'a/b'.");
  });
});
