import { expect, it } from 'vitest';
import { pairModel } from '../../support/pair-model.ts';

function refreshMs(interval: string, addresses: number, line = ''): number | undefined {
  const list = Array.from({ length: addresses }, (_, i) => `10.0.${i >> 8}.${i & 255}/16`).join('\n');
  const model = pairModel(`vrrp_instance V {
  version 3
  interface eth0
  virtual_router_id 1
  advert_int ${interval}
  ${line}
  virtual_ipaddress {
    ${list}
  }
}
`);
  return model.instances[0]?.announce.refreshMs;
}

it.each([
  ['1', 1, '', 1000],
  ['0.26', 1, '', 1000],
  // Whoever advertises fast does not want clients to wait for a second.
  ['0.25', 1, '', 250],
  ['0.01', 5, '', 250],
  // Not more than 20 addresses in a second.
  ['0.01', 6, '', 1000],
  ['1', 20, '', 1000],
  ['1', 21, '', 2000],
  ['0.01', 1, 'garp_master_refresh 60', 60_000],
])('adverts every %s s, %i addresses, %s: announced again every %i ms', (interval, addresses, line, expected) => {
  expect(refreshMs(interval, addresses, line)).toBe(expected);
});
