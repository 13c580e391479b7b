/** The keeper beside an nft that does what the test says. With the real one: test/e2e/l4-keeper.test.ts. */
import { expect, it } from 'vitest';
import { RulesetKeeper } from '../../src/l4/ruleset-keeper.ts';
import { FakeCommands } from '../support/fake-commands.ts';
import { FakeTime } from '../support/fake-time.ts';
import { destination, place, service } from '../support/l4-services.ts';

const WEB = service('web', { places: [place('192.0.2.1', 80)], destinations: [destination('10.0.0.71', 80)] });

function world(listed = '') {
  const time = new FakeTime();
  const commands = new FakeCommands();
  const warnings: string[] = [];
  commands.answer = (argv) => ({ stdout: argv.includes('list') ? listed : '' });
  const keeper = new RulesetKeeper({
    commands,
    network: { links: [], onChange: () => () => {} },
    clock: time,
    timers: time,
    journal: { info: () => {}, warning: (text) => warnings.push(text) },
    memory: null,
  });
  const writes = () => commands.runs.filter(({ argv }) => argv.join(' ') === 'nft -f -');
  return { time, commands, keeper, warnings, writes };
}

it('ends soon, though nft hangs: what is being written is given up, the removal has its own time', async () => {
  const { time, commands, keeper, writes } = world();
  expect(await keeper.start([WEB])).toEqual([]);
  commands.answer = null;
  keeper.follow([]);
  await time.advance(100);
  const [hanging] = writes().slice(1);
  expect(hanging?.options.stdin).toContain('delete table');
  hanging?.options.signal?.addEventListener('abort', () => hanging.end({ exitCode: null, how: 'signal SIGKILL' }));
  const stopped = keeper.stop(false);
  await time.advance(6000);
  const [removal, ...more] = writes().slice(2);
  expect([removal?.options.stdin, more]).toEqual([
    'add table inet tandem\ndelete table inet tandem\nadd table netdev tandem\ndelete table netdev tandem\n',
    [],
  ]);
  expect(removal?.options.timeoutMs).toBe(10_000);
  removal?.end({});
  await stopped;
});

it.each([
  [
    'says that it replaces a table of that name that it did not make',
    'table inet tandem {\n\tchain input {\n\t}\n}\n',
    1,
  ],
  ['takes its own over without a word', 'table inet tandem {\n\tchain seal {\n\t}\n}\n', 0],
])('%s', async (_, listed, count) => {
  const { keeper, warnings } = world(listed);
  expect(await keeper.start([WEB])).toEqual([]);
  expect(warnings).toEqual(
    Array.from({ length: count }, () => expect.stringContaining('the table inet tandem is not')),
  );
});
