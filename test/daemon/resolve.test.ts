import { expect, it } from 'vitest';
import { serverAddress } from '../../src/daemon/compile.ts';
import { type Lookup, resolveNames } from '../../src/daemon/resolve.ts';
import { modelOf } from '../support/model.ts';

const TEXT = `backend app
  mode http
  timeout connect 1s
  timeout server 1s
  server a known.example:80
  server b 192.0.2.1:80
  server c unknown.example:80
  server d known.example:81
`;
const ask: Lookup = async (name) => {
  if (name !== 'known.example') throw new Error('ENOTFOUND');
  return { family: 4, ip: '192.0.2.7' };
};

it('asks each name once, and points at the lines of those that nobody knows', async () => {
  const asked: string[] = [];
  const { addresses, problems } = await resolveNames(
    modelOf(TEXT),
    (name) => {
      asked.push(name);
      return ask(name);
    },
    false,
  );
  expect(asked.sort()).toEqual(['known.example', 'unknown.example']);
  expect([...addresses]).toEqual([['known.example', { family: 4, ip: '192.0.2.7' }]]);
  expect(problems).toEqual([
    expect.objectContaining({
      severity: 'error',
      file: 'test.cfg',
      line: 7,
      message: "'server app/c' : could not resolve address 'unknown.example'.",
    }),
  ]);
});

it('only warns where that is tolerated', async () => {
  const { problems } = await resolveNames(modelOf(TEXT), ask, true);
  expect(problems.map(({ severity }) => severity)).toEqual(['warning']);
});

it('leaves disabled proxies alone', async () => {
  const { problems } = await resolveNames(modelOf(TEXT.replace('mode http', 'disabled')), ask, false);
  expect(problems).toEqual([]);
});

it.each([
  ['none', [], null, true],
  ['libc,none', ['warning: could not resolve address ‘u’, disabling server.'], null, true],
  [
    'last,libc,192.0.2.9',
    ['warning: could not resolve address ‘u’, falling back to configured address.'],
    '192.0.2.9',
    true,
  ],
  ['2001:db8::9,libc', [], '2001:db8::9', true],
  ['last', ['error: no method found to resolve address ‘u’.'], null, false],
  ['last,libc', ['error: could not resolve address ‘u’.'], null, false],
])('begins with init-addr %s', async (methods, messages, ip, runs) => {
  const model = modelOf(`backend app
  timeout connect 1s
  timeout server 1s
  server u unknown.example:80 init-addr ${methods}
`);
  const { addresses, problems } = await resolveNames(model, ask, false);
  const said = problems.map(({ severity, message }) => `${severity}: ${message}`);
  expect(said.map((text) => text.replace("'server app/u' : ", '').replace("'unknown.example'", '‘u’'))).toEqual(
    messages,
  );
  const [server] = model.proxies.flatMap(({ servers }) => servers);
  const address = server === undefined ? null : serverAddress(server, addresses);
  if (runs) expect(address === null || address.family === 'unix' ? null : address.ip).toBe(ip);
});

it('asks for the names in rules of checks, where somebody is checked', async () => {
  const rules = ' option tcp-check\n tcp-check connect addr known.example port 80\n tcp-check connect addr 192.0.2.3';
  const namesFor = async (server: string): Promise<string[]> => {
    const text = `backend app\n timeout connect 1s\n timeout server 1s\n${rules}\n server a 192.0.2.1:80${server}\n`;
    return [...(await resolveNames(modelOf(text), ask, false)).addresses.keys()];
  };
  expect(await namesFor(' check')).toEqual(['known.example']);
  expect(await namesFor('')).toEqual([]);
});
