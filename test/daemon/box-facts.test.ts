/** Looking at a real box: what is said of its packet filter is what the kernel does. */
import { execFileSync } from 'node:child_process';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { systemTimers } from '../../src/core/clock.ts';
import type { CommandRunner } from '../../src/core/command.ts';
import { lookAtBox } from '../../src/daemon/box-facts.ts';
import { SystemCommands } from '../../src/daemon/commands.ts';
import { droppingChain } from '../../src/netlink/packet-filter.ts';
import { hasCapability } from '../../src/sys/capabilities.ts';
import { openFfiSocket } from '../../src/vrrp/raw-socket.ts';
import { FakeCommands } from '../support/fake-commands.ts';
import { insideNamespace } from '../support/inside-namespace.ts';
import { type Namespace, NamespaceLab } from '../support/namespaces.ts';
import { describeAsRoot, programPath } from '../support/peers.ts';

it('without programs: says which one is missing, and judges nothing', async () => {
  const commands = new FakeCommands();
  commands.answer = () => ({ exitCode: null, how: 'spawn ENOENT' });
  const { interfaces, filter, trouble } = await lookAtBox(commands);
  expect([interfaces, filter, trouble]).toEqual([
    null,
    null,
    ['tandem run needs the program ip (package iproute2): spawn ENOENT'],
  ]);
});

describeAsRoot('a box', () => {
  const lab = new NamespaceLab();
  let a: Namespace;
  let b: Namespace;
  const sockets: { close(): void }[] = [];

  beforeAll(() => {
    a = lab.add('fa');
    b = lab.add('fb');
    lab.link(a, { address: '10.77.0.1/24' }, b, '10.77.0.2/24');
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.close();
  });
  afterAll(() => lab.remove());

  const commandsIn = ({ exec }: Namespace): CommandRunner => {
    const commands = new SystemCommands(systemTimers, process.env);
    return {
      run: (argv, options) => commands.run([...exec, ...argv], options),
      stream: (argv, events) => commands.stream([...exec, ...argv], events),
    };
  };

  it('its interfaces with their addresses, its rights', async () => {
    const { interfaces, capabilities, trouble } = await lookAtBox(commandsIn(b));
    expect([...(interfaces?.keys() ?? [])]).toEqual(['lo', 'tb0']);
    expect(interfaces?.get('tb0')?.some(({ ip, prefixLength }) => ip === '10.77.0.2' && prefixLength === 24)).toBe(
      true,
    );
    expect([hasCapability(capabilities.effective, 'CAP_NET_ADMIN'), trouble]).toEqual([true, []]);
  });

  const base = (policy: string, rules: string) =>
    `flush ruleset\ntable inet filter {\n chain own {\n ip protocol 112 accept\n }\n chain input {\n type filter hook input priority 0; policy ${policy};\n ${rules}\n }\n}\n`;
  it.each<[string, boolean]>([
    ['flush ruleset\n', true],
    [base('accept', ''), true],
    [base('drop', ''), false],
    [base('drop', 'ct state established,related accept\n iifname "lo" accept\n tcp dport 22 accept'), false],
    [base('drop', 'ct state vmap { established : accept, related : accept, invalid : drop }'), false],
    [base('drop', 'ip daddr 224.0.0.0/4 accept'), true],
    [base('drop', 'meta l4proto { tcp, vrrp } accept'), true],
    [base('drop', 'iifname "tb*" goto own'), true],
    [base('drop', 'iifname vmap { "lo" : accept, "tb0" : jump own }'), true],
    [base('accept', 'ip protocol != 112 accept\n reject'), false],
    [base('accept', 'meta pkttype multicast drop'), false],
    [base('accept', 'ip6 daddr ff00::/8 drop'), true],
    [
      base('accept', 'ip saddr @unheard drop').replace('chain own', 'set unheard { type ipv4_addr; }\n chain own'),
      true,
    ],
    [base('drop', 'iifname "tb0" ip daddr 224.0.0.18 meta l4proto 112 accept'), true],
  ])('%s', async (rules, heard) => {
    execFileSync(programPath('ip'), ['netns', 'exec', b.name, 'nft', '-f', '-'], { input: rules });
    const options = (device: string) => ({
      family: 4 as const,
      receiveOn: device,
      sendOn: device,
      group: '224.0.0.18',
    });
    const got: number[] = [];
    const hear = insideNamespace(b.name, () =>
      openFfiSocket(
        options('tb0'),
        ({ message }) => got.push(message[0] ?? 0),
        () => {},
      ),
    );
    const send = insideNamespace(a.name, () =>
      openFfiSocket(
        options('ta0'),
        () => {},
        () => {},
      ),
    );
    sockets.push(hear, send);
    expect(send.send(Uint8Array.of(0x21, 1, 2, 3), '10.77.0.1', '224.0.0.18', 255)).toBeNull();
    // A veth hands over at once: what has not come by now was dropped.
    for (let turns = 0; turns < 50 && got.length === 0; turns++) await turn();
    await hear.drain();
    expect(got.length === 1).toBe(heard);
    const { filter } = await lookAtBox(commandsIn(b));
    const packet = { family: 4 as const, device: 'tb0', source: null, destination: '224.0.0.18', multicast: true };
    expect(droppingChain(filter ?? [], packet) === null).toBe(heard);
  });
}, ['netns', 'nft']);
