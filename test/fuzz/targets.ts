/** Everything that can be fuzzed, by name; some need processes, which start when they are asked for. */
import { HAPROXY_CFG } from './config/haproxy-target.ts';
import { KEEPALIVED_CONF } from './config/keepalived-target.ts';
import { haproxyVerdicts } from './config/oracle-target.ts';
import type { Target } from './engine/target.ts';
import { CHUNKED_BODIES } from './http/chunked-target.ts';
import { REQUEST_HEADS } from './http/request-target.ts';
import { RESPONSE_HEADS } from './http/response-target.ts';
import { VRRP_PACKETS } from './vrrp/packets-target.ts';
import { wireRequests } from './wire/requests-target.ts';
import { wireResponses } from './wire/responses-target.ts';

/** `stop` ends what a target has started. */
export type Started = Target & { stop?: () => Promise<void> };

export const TARGETS: Readonly<Record<string, () => Promise<Started>>> = {
  'request-heads': async () => REQUEST_HEADS,
  'response-heads': async () => RESPONSE_HEADS,
  chunked: async () => CHUNKED_BODIES,
  'haproxy-cfg': async () => HAPROXY_CFG,
  'haproxy-verdicts': haproxyVerdicts,
  'keepalived-conf': async () => KEEPALIVED_CONF,
  'vrrp-packets': async () => VRRP_PACKETS,
  'wire-requests': wireRequests,
  'wire-responses': wireResponses,
};
