/** The old box's side: what it asks of the system, what it says, and that it comes to an end. */
import { beforeEach, describe, expect, it } from 'vitest';
import { Nft } from '../../src/netlink/nft.ts';
import { HandOver } from '../../src/vrrp/hand-over.ts';
import { FakeCommands } from '../support/fake-commands.ts';
import { FakeTime, settle } from '../support/fake-time.ts';

const ADDRESS = { family: 4, ip: '10.77.0.100' } as const;
const OPEN = 'ESTAB 0 0 10.77.0.100:80 10.77.0.9:50000\n';

let time: FakeTime;
let commands: FakeCommands;
/** What `ss` says, what was passed on, and how nft ends. */
let open: string | null;
let moved: string;
let nftExit: number;
let said: string[];

beforeEach(() => {
  time = new FakeTime();
  commands = new FakeCommands();
  open = '';
  moved = '';
  nftExit = 0;
  said = [];
  commands.answer = ([program, verb]) => {
    if (verb === 'list') return { stdout: moved };
    if (program === 'nft') return { exitCode: nftExit, how: `exit status ${nftExit}` };
    return open === null ? { exitCode: null } : { stdout: open };
  };
});

function begun(to: string | null = '10.77.0.2', addresses: readonly (typeof ADDRESS)[] = [ADDRESS]): HandOver {
  const handOver = new HandOver({
    name: 'web',
    family: 4,
    device: 'eth0',
    addresses,
    own: '10.77.0.1',
    to,
    nft: new Nft(commands),
    commands,
    clock: time,
    timers: time,
    say: (word) => said.push(word),
    lastAnswers: (on) => said.push(on ? 'last answers' : 'more answers'),
    warn: (text) => said.push(text),
    ended: () => said.push('ended'),
  });
  handOver.begin();
  return handOver;
}

const rules = () => commands.runs.filter(({ argv }) => argv[1] === '-f').map(({ options }) => options.stdin ?? '');

describe('to a Tandem', () => {
  it('passes on what is new, finishes what is open, and says so before it goes', async () => {
    open = OPEN;
    begun();
    await settle();
    expect(rules()[0]).toContain('fwd ip to 10.77.0.2 device "eth0"');
    await time.advance(350);
    expect(said).toEqual(['last answers', 'leaving', 'leaving', 'leaving', 'leaving', 'leaving']);
    open = '';
    await time.advance(100);
    expect(said.slice(-2)).toEqual(['leaving', 'done']);
    expect(rules().at(-1)).toContain('tandem_hold_web');
    await time.advance(549);
    expect(said.at(-1)).toBe('done');
    await time.advance(1);
    expect(said.at(-1)).toBe('ended');
  });

  it('what is open for too long is reset', async () => {
    open = OPEN + OPEN;
    begun();
    await settle();
    await time.advance(5100);
    expect(said.slice(-2)).toEqual(['2 connections were not finished in time and are reset', 'done']);
    expect(commands.runs.filter(({ argv }) => argv.includes('-K'))).toHaveLength(1);
  });

  it('asks for established connections to the addresses, not for those that only do not hang up', async () => {
    begun();
    await settle();
    const asked = commands.runs.find(({ argv }) => argv[0] === 'ss')?.argv.join(' ');
    expect(asked).toBe('ss -H -t -n state connected exclude time-wait exclude fin-wait-2 ( src 10.77.0.100 )');
  });

  it('without ss it gives all of the time', async () => {
    open = null;
    begun();
    await settle();
    await time.advance(4900);
    expect(said).not.toContain('done');
    await time.advance(200);
    expect(said).toContain('done');
  });

  it('what is passed on and does not arrive: nobody is waited for, nothing more is passed on', async () => {
    open = OPEN;
    begun();
    await settle();
    await time.advance(300);
    moved = 'elements = { 10.77.0.9 . 50001 . 10.77.0.100 . 80 }';
    await time.advance(450);
    expect(said).not.toContain('done');
    await time.advance(100);
    expect(said.slice(-2)).toEqual([
      'what is passed on does not arrive: open connections cannot be waited for',
      'done',
    ]);
    expect(rules().at(-2)).toBe('table netdev tandem_move_web {}\ndelete table netdev tandem_move_web\n');
    await time.advance(300);
    expect(said.at(-1)).toBe('ended');
  });

  it('what arrives is what the other one says', async () => {
    open = OPEN;
    moved = 'elements = { 10.77.0.9 . 50001 . 10.77.0.100 . 80 }';
    const handOver = begun();
    await settle();
    await time.advance(200);
    handOver.arrives();
    await time.advance(2000);
    expect(said).not.toContain('done');
  });

  it('without nft nobody is made to wait', async () => {
    nftExit = 1;
    begun();
    await settle();
    expect(said).toEqual([
      'last answers',
      'leaving',
      'connections cannot be passed on: nft: exit status 1',
      'done',
      'ended',
    ]);
  });

  it('addresses on other interfaces only: nothing to pass on', async () => {
    begun('10.77.0.2', []);
    await time.advance(1);
    expect(said.slice(0, 3)).toEqual(['last answers', 'done', 'ended']);
  });

  it('ends at once when the addresses are wanted back, and takes its rules along', async () => {
    open = OPEN;
    const handOver = begun();
    await settle();
    handOver.cancel();
    handOver.cancel();
    await time.advance(10_000);
    expect(said.filter((word) => word !== 'leaving')).toEqual(['last answers', 'more answers']);
    expect(rules().at(-1)).toMatch(/delete table netdev tandem_move_web\n.*\n?delete table arp tandem_hold_web/s);
  });
});

describe('to anybody else', () => {
  it('stays for a moment, and is not told of', async () => {
    begun(null);
    await settle();
    expect(rules()).toEqual([expect.stringContaining('arp operation reply arp saddr ip @held drop')]);
    await time.advance(299);
    expect(said).toEqual(['last answers']);
    await time.advance(1);
    expect(said).toEqual(['last answers', 'ended']);
  });

  it('goes at once where it would be told of', async () => {
    nftExit = 1;
    begun(null);
    await settle();
    expect(said).toEqual(['last answers', 'ended']);
  });
});
