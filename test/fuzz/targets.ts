/** Everything that can be fuzzed, by name; some need processes, which start when they are asked for. */
import { statsCommands } from './admin/commands-target.ts';
import { haproxyVerdicts } from './config/haproxy-oracle.ts';
import { HAPROXY_CFG } from './config/haproxy-target.ts';
import { keepalivedVerdicts } from './config/keepalived-oracle.ts';
import { KEEPALIVED_CONF } from './config/keepalived-target.ts';
import type { Target } from './engine/target.ts';
import { CHUNKED_BODIES } from './http/chunked-target.ts';
import { REPAIRED_HEADS } from './http/repair-target.ts';
import { REQUEST_HEADS } from './http/request-target.ts';
import { RESPONSE_HEADS } from './http/response-target.ts';
import { VRRP_PACKETS } from './vrrp/packets-target.ts';
import { wireForgivenRequests, wireRequests } from './wire/requests-target.ts';
import { wireForgivenResponses, wireResponses } from './wire/responses-target.ts';

/** `stop` ends what a target has started. */
export type Started = Target & { stop?: () => Promise<void> };

export const TARGETS: Readonly<Record<string, () => Promise<Started>>> = {
  'request-heads': async () => REQUEST_HEADS,
  'response-heads': async () => RESPONSE_HEADS,
  'repaired-heads': async () => REPAIRED_HEADS,
  chunked: async () => CHUNKED_BODIES,
  'haproxy-cfg': async () => HAPROXY_CFG,
  'haproxy-verdicts': haproxyVerdicts,
  'keepalived-conf': async () => KEEPALIVED_CONF,
  'keepalived-verdicts': keepalivedVerdicts,
  'stats-commands': statsCommands,
  'vrrp-packets': async () => VRRP_PACKETS,
  'wire-requests': wireRequests,
  'wire-responses': wireResponses,
  'wire-forgiven-requests': wireForgivenRequests,
  'wire-forgiven-responses': wireForgivenResponses,
};
