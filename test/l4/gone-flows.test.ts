/** UDP to servers that are gone. */
import { expect, it } from 'vitest';
import { DatagramMemory, goneServers } from '../../src/l4/gone-flows.ts';
import { FakeCommands } from '../support/fake-commands.ts';
import { destination, direct, place, service } from '../support/l4-services.ts';

const A = destination('10.0.0.1', 53);
const B = destination('10.0.0.2', 0);
const DNS = service('dns', {
  protocol: 'UDP',
  places: [place('192.0.2.1', 53)],
  destinations: [A, B, direct('10.0.0.3')],
});

it('is asked for servers with NAT of a service that stays', () => {
  const left = { ...DNS, destinations: [{ ...A, weight: 0 }] };
  expect(goneServers([DNS], [left]).map(({ destination: { key } }) => key)).toEqual([B.key]);
  expect(goneServers([DNS], [])).toEqual([]);
  expect(goneServers([{ ...DNS, protocol: 'TCP' }], [{ ...left, protocol: 'TCP' }])).toEqual([]);
  expect(goneServers([DNS], [DNS])).toEqual([]);
});

it('has conntrack forget them; that it is not there is said once', async () => {
  const commands = new FakeCommands();
  const said: string[] = [];
  const journal = { info: (text: string) => void said.push(text) };
  commands.answer = () => ({ exitCode: 1, how: 'exit status 1' });
  const gone = [
    { service: DNS, destination: A },
    { service: { ...DNS, places: [place('192.0.2.1', 53, '192.0.2.9')] }, destination: B },
  ];
  const memory = new DatagramMemory({ commands, journal });
  await memory.forget(gone);
  expect(commands.runs.map(({ argv }) => argv.join(' '))).toEqual([
    'conntrack -D -f ipv4 -p udp --orig-dst 192.0.2.1 --reply-src 10.0.0.1 --reply-port-src 53',
    'conntrack -D -f ipv4 -p udp --reply-src 10.0.0.2',
  ]);
  expect(said).toEqual([]);
  commands.answer = () => ({ exitCode: null, how: 'spawn conntrack ENOENT' });
  await memory.forget(gone);
  expect(said).toHaveLength(1);
  expect(said[0]).toContain('spawn conntrack ENOENT');
});
