/** What keepalived writes into keepalived.stats, to the letter. */
import type { InstanceView } from '../instance-view.ts';

export function statisticsText(instances: readonly InstanceView[]): string {
  return instances
    .map(({ model, statistics: of }) => {
      return `VRRP Instance: ${model.name}
  Advertisements:
    Received: ${of.advertsReceived}
    Sent: ${of.advertsSent}
  Became master: ${of.becameMaster}
  Released master: ${of.releasedMaster}
  Packet Errors:
    Length: ${of.lengthErrors}
    TTL: ${of.ttlErrors}
    Invalid Type: ${of.invalidTypes}
    Advertisement Interval: ${of.intervalErrors}
    Address List: ${of.addressListErrors}
  Authentication Errors:
    Invalid Type: ${of.invalidAuthTypes}
    Type Mismatch: ${of.authTypeMismatches}
    Failure: ${of.authFailures}
  Priority Zero:
    Received: ${of.priorityZeroReceived}
    Sent: ${of.priorityZeroSent}
`;
    })
    .join('');
}
