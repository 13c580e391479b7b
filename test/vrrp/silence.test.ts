import { beforeEach, expect, it } from 'vitest';
import { Nft } from '../../src/netlink/nft.ts';
import { silenceEnd } from '../../src/netlink/silence-rules.ts';
import { Silence } from '../../src/vrrp/silence.ts';
import { FakeCommands } from '../support/fake-commands.ts';
import { FakeTime, settle } from '../support/fake-time.ts';

let time: FakeTime;
let commands: FakeCommands;
let said: string[];
let silence: Silence;

beforeEach(() => {
  time = new FakeTime();
  commands = new FakeCommands();
  commands.answer = () => ({});
  said = [];
  silence = new Silence({
    name: 'web',
    family: 4,
    addresses: [{ family: 4, ip: '10.77.0.100' }],
    nft: new Nft(commands),
    commands,
    arrived: () => said.push('arrived'),
    timers: time,
    ready: (possible) => said.push(`ready ${possible}`),
    over: () => said.push('over'),
  });
});

it('is prepared before anything is held, and the address of the box is asked with', async () => {
  silence.prepare('10.77.0.2');
  expect([said, silence.holds]).toEqual([[], false]);
  await settle();
  expect(said).toEqual(['ready true']);
  expect(commands.runs[0]?.options.stdin).toContain(
    'arp operation request arp saddr ip @held arp saddr ip set 10.77.0.2',
  );
});

it('holds as long as it is told to again, then what was held back is said', async () => {
  silence.prepare('10.77.0.2');
  silence.hold(1000);
  await time.advance(900);
  silence.hold(1000);
  await time.advance(999);
  expect([said, silence.holds]).toEqual([['ready true'], true]);
  await time.advance(1);
  expect([said, silence.holds]).toEqual([['ready true', 'over'], false]);
  expect(commands.runs.at(-1)?.options.stdin).toBe(silenceEnd('web', 4));
});

it('finished: says it at once, and once', async () => {
  silence.prepare('10.77.0.2');
  silence.hold(1000);
  silence.finish();
  silence.finish();
  await time.advance(5000);
  expect(said.filter((word) => word === 'over')).toHaveLength(1);
});

it('ended before nft has answered: nothing comes of it, and the rules go after they came', async () => {
  silence.prepare('10.77.0.2');
  silence.end();
  await settle();
  expect(said).toEqual([]);
  expect(commands.runs.map(({ options }) => options.stdin?.includes('chain'))).toEqual([true, false]);
});

it('says when it is impossible', async () => {
  commands.answer = () => ({ exitCode: 1 });
  silence.prepare('10.77.0.2');
  await settle();
  expect(said).toEqual(['ready false']);
});

it('tells once that something came by way of the old box', async () => {
  let packets = 0;
  commands.answer = ([, verb]) => (verb === 'list' ? { stdout: `counter arrived { packets ${packets} bytes 0 }` } : {});
  silence.prepare('10.77.0.2');
  silence.hold(1000);
  await settle();
  expect(said).toEqual(['ready true']);
  packets = 3;
  silence.hold(1000);
  await settle();
  silence.hold(1000);
  await settle();
  expect(said).toEqual(['ready true', 'arrived']);
  expect(commands.runs.at(-1)?.argv.join(' ')).toBe('nft list counter ip tandem_come_web arrived');
});
