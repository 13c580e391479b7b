/** `socket` in `tandem { }`. */
import { describe, expect, it } from 'vitest';
import { loadKeepalivedConfig } from '../../../src/config/keepalived/load.ts';

function load(line: string, inside = false) {
  const block = `tandem {\n ${line}\n}\n`;
  const instance = `vrrp_instance V {\n interface eth0\n virtual_router_id 1\n ${inside ? block : ''}\n virtual_ipaddress {\n 10.0.0.1/24\n }\n}\n`;
  return loadKeepalivedConfig([{ name: 'k.conf', text: `${inside ? '' : block}${instance}` }], {
    ...{ env: {}, hostname: 'box', configId: 'box', strictIncludes: false, folder: '/', random: () => 0 },
    readFile: () => {
      throw new Error('there is none');
    },
    listFolder: () => [],
  });
}

describe('a stats socket', () => {
  it.each([
    ['socket /run/t.sock', { level: 'admin', mode: 0o600, user: null, group: null }],
    ['socket /run/t.sock mode 660 group ops', { level: 'admin', mode: 0o660, user: null, group: 'ops' }],
    ['socket /run/t.sock level user user me', { level: 'user', mode: 0o600, user: 'me', group: null }],
  ])('%s', (line, expected) => {
    const [socket] = load(line).model?.sockets ?? [];
    const { mode, user, group, addresses } = socket?.bind ?? {};
    expect({ level: socket?.level, mode, user, group }).toEqual(expected);
    expect(addresses).toEqual([{ family: 'unix', path: '/run/t.sock' }]);
  });

  it('may be there several times', () => {
    expect(load('socket /a level user\n socket /b').model?.sockets.map(({ level }) => level)).toEqual([
      'user',
      'admin',
    ]);
  });

  it.each([
    ['socket', /lacks an argument/],
    ['socket run/t.sock', /is no path for a socket/],
    [`socket /${'x'.repeat(97)}`, /is no path for a socket/],
    ['socket /a mode 9', /'mode' expects octal digits/],
    ['socket /a mode', /'mode' expects octal digits/],
    ['socket /a level root', /'level' expects user, operator, admin/],
    ['socket /a group', /'group' expects a name/],
    ['socket /a owner me', /unknown word 'owner'/],
  ])('%s is an error', (line, message) => {
    const { model, problems } = load(line);
    expect([model, problems[0]?.message]).toEqual([null, expect.stringMatching(message)]);
  });

  it('is for the whole program', () => {
    expect(load('socket /a', true).problems[0]?.message).toBe("'socket' is for the whole program");
  });
});
