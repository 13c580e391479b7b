/** keepalived's -P, -C and -I: what of a file is to run. */
import { expect, it } from 'vitest';
import { withSubsystems } from '../../../src/config/keepalived/subsystems.ts';
import { pairModel } from '../../support/pair-model.ts';

const ALL = { vrrp: true, checkers: true, releaseVirtualServers: true };
const model = pairModel(`static_ipaddress {
  10.0.0.9/24 dev eth0
}
vrrp_script chk {
  script "/bin/true"
}
vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  track_script {
    chk
  }
  virtual_ipaddress {
    10.0.0.1
  }
}
`);
const whole = { ...model, virtualServers: [{ name: 'web' }] as never };

it('all of it, by default', () => {
  expect(withSubsystems(whole, ALL)).toEqual(whole);
});

it('-P: no virtual servers', () => {
  expect(withSubsystems(whole, { ...ALL, checkers: false })).toEqual({ ...whole, virtualServers: [] });
});

it('-P: virtual servers are not tracked either', () => {
  const tracks = { ...model.tandem, virtualServers: [{ name: 'web' }] as never };
  const tracking = { ...whole, tandem: tracks, instances: model.instances.map((one) => ({ ...one, tandem: tracks })) };
  expect(withSubsystems(tracking, { ...ALL, checkers: false })).toEqual({ ...whole, virtualServers: [] });
});

it('-C: nothing but virtual servers', () => {
  const { instances, scripts, staticAddresses, virtualServers } = withSubsystems(whole, { ...ALL, vrrp: false });
  expect({ instances, scripts, staticAddresses, virtualServers }).toEqual({
    ...{ instances: [], scripts: [], staticAddresses: [] },
    virtualServers: [{ name: 'web' }],
  });
});

it('-I: they stay in the kernel', () => {
  const { l4 } = withSubsystems(whole, { ...ALL, releaseVirtualServers: false });
  expect([whole.l4.keepsAtStop, l4.keepsAtStop]).toEqual([false, true]);
});
