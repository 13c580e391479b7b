/** A minute of fuzzing of everything that reads bytes or text from elsewhere; for hours: `npm run fuzz` (docs/testing.md). */
import { describe, it } from 'vitest';
import { describeWithPeer } from '../support/peers.ts';
import { statsCommands } from './admin/commands-target.ts';
import { haproxyVerdicts } from './config/haproxy-oracle.ts';
import { HAPROXY_CFG } from './config/haproxy-target.ts';
import { keepalivedVerdicts } from './config/keepalived-oracle.ts';
import { KEEPALIVED_CONF } from './config/keepalived-target.ts';
import type { StagedTarget } from './engine/target.ts';
import { expectSound } from './expect-sound.ts';
import { CHUNKED_BODIES } from './http/chunked-target.ts';
import { REPAIRED_HEADS } from './http/repair-target.ts';
import { REQUEST_HEADS } from './http/request-target.ts';
import { RESPONSE_HEADS } from './http/response-target.ts';
import { VRRP_PACKETS } from './vrrp/packets-target.ts';

/** The number of inputs is fixed, so that a slow machine tests the same. */
const TIMEOUT_MS = 240_000;

describe('fuzzing finds nothing in', () => {
  it('request heads: as the reference reader and llhttp read them', () => expectSound(REQUEST_HEADS), TIMEOUT_MS);
  it('response heads: as the reference reader and llhttp read them', () => expectSound(RESPONSE_HEADS), TIMEOUT_MS);
  it('chunked bodies: as the reference reader and llhttp read them', () => expectSound(CHUNKED_BODIES), TIMEOUT_MS);
  it(
    'heads that are repaired: strict afterwards, with nothing new in them',
    () => expectSound(REPAIRED_HEADS),
    TIMEOUT_MS,
  );
  it('haproxy.cfg: a model and a plan, or errors with their places', () => expectSound(HAPROXY_CFG), TIMEOUT_MS);
  it('keepalived.conf: a model, or errors with their places', () => expectSound(KEEPALIVED_CONF), TIMEOUT_MS);
  it('VRRP messages: as the reference reader reads them', () => expectSound(VRRP_PACKETS), TIMEOUT_MS);
});

async function expectStagedSound(start: () => Promise<StagedTarget>): Promise<void> {
  const target = await start();
  try {
    await expectSound(target);
  } finally {
    await target.stop();
  }
}

it(
  'fuzzing finds nothing in commands of the stats socket: answered, the same one by one, and no control character comes back',
  () => expectStagedSound(statsCommands),
  TIMEOUT_MS,
);

describeWithPeer('haproxy', 'fuzzing finds nothing', () => {
  it('that we accept and haproxy -c refuses', () => expectStagedSound(haproxyVerdicts), TIMEOUT_MS);
});

describeWithPeer(['keepalived', 'netns', 'ip'], 'fuzzing finds nothing', () => {
  it('that we accept and keepalived -t refuses', () => expectStagedSound(keepalivedVerdicts), TIMEOUT_MS);
});
