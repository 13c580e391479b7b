/** Clients and connections in a file, and back. */
import { expect, it } from 'vitest';
import { memoryTexts, readMemory, restoreText } from '../../src/l4/kept-memory.ts';
import { rulesetOf } from '../../src/l4/ruleset.ts';
import { FakeCommands } from '../support/fake-commands.ts';
import { FakeTime, settle } from '../support/fake-time.ts';
import { direct, link, place, service } from '../support/l4-services.ts';

const RULESET = rulesetOf(
  [
    service('web', {
      places: [place('192.0.2.1', 80)],
      persistence: { timeoutS: 360, prefixLength: 32 },
      destinations: [direct('10.0.0.71')],
    }),
  ],
  { interfaces: [], deviceOf: () => link('eth1') },
);

async function written(time: FakeTime, commands: FakeCommands, ends: boolean): Promise<string> {
  const text = memoryTexts({ commands, timers: time }, RULESET, 1000_000);
  const listings: Readonly<Record<string, readonly string[]>> = {
    clients4: [
      '\t\telements = { 10.9.0.2 . 77 timeout 6m expires 5m58s796ms : 4000:10, 10.9.0.3 . 77 expires 2s : 4000:20 }',
    ],
    flows4_tcp: [
      'elements = { 10.9.0.2 . 5 . 192.0.2.1 . 80 timeout 1m expires 1h1s : 4000:10,',
      '  10.9.0.3 . 5 . 192.0.2.1 . 80 timeout 1m expires 0s : 4000:10 }',
    ],
  };
  for (let i = 0; i < 3; i++) {
    await settle();
    const stream = commands.streams.at(-1);
    for (const line of listings[stream?.argv.at(-1) ?? ''] ?? []) stream?.events.line(line);
    if (ends) stream?.events.exit('exit status 0');
    else await time.advance(1000);
  }
  return text;
}

it.each([true, false])('keeps what there is of each map, and for how long (read whole: %s)', async (ends) => {
  const commands = new FakeCommands();
  const text = await written(new FakeTime(), commands, ends);
  expect(text.split('\n')).toEqual([
    '1000000',
    'netdev tandem clients4',
    '10.9.0.2 . 77 358 4000:10',
    '10.9.0.3 . 77 2 4000:20',
    'netdev tandem flows4_tcp',
    '10.9.0.2 . 5 . 192.0.2.1 . 80 3601 4000:10',
    '',
  ]);
  expect(commands.streams.map(({ killed }) => killed)).toEqual([!ends, !ends, !ends]);
  expect(restoreText(readMemory(text), RULESET, 1002_500)).toBe(
    [
      'add element netdev tandem clients4 {',
      '  10.9.0.2 . 77 timeout 355s : 4000:10',
      '}',
      'add element netdev tandem flows4_tcp {',
      '  10.9.0.2 . 5 . 192.0.2.1 . 80 timeout 3598s : 4000:10',
      '}',
      '',
    ].join('\n'),
  );
});

it.each([
  '',
  'yesterday\nnetdev tandem clients4\n',
  '1000\nnetdev theirs clients4\n',
  '1000\nnetdev tandem services4\n1.2.3.4 9 4000:10\n',
  '1000\nnetdev tandem clients4\n1.2.3.4 }; flush ruleset 9 4000:10\n',
  '1000\nnetdev tandem clients4\n1.2.3.4 9 drop\n',
])('takes nothing of what it did not write: %j', (text) => {
  expect(restoreText(readMemory(text), RULESET, 1000)).toBe('');
});
