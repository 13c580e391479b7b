/** Fuzzing over the wire: the same bytes through Tandem, haproxy and nginx, and what left Tandem through the other two. */
import { it } from 'vitest';
import { expectSound } from '../fuzz/expect-sound.ts';
import { wireForgivenRequests, wireRequests } from '../fuzz/wire/requests-target.ts';
import { wireForgivenResponses, wireResponses } from '../fuzz/wire/responses-target.ts';
import { describeWithPeer } from '../support/peers.ts';

/** The number of inputs is fixed, so that a slow machine tests the same. */
const TIMEOUT_MS = 300_000;

describeWithPeer(['haproxy', 'nginx'], 'what leaves the proxy is one message to everybody', () => {
  it.each([
    ['requests', wireRequests],
    ['responses', wireResponses],
    ['requests, with options that forgive', wireForgivenRequests],
    ['responses, with options that forgive', wireForgivenResponses],
  ])(
    '%s',
    async (_what, start) => {
      const target = await start();
      try {
        await expectSound(target);
      } finally {
        await target.stop();
      }
    },
    TIMEOUT_MS,
  );
});
