/** Makes a check of a real server, of whatever kind. */
import type { BeginCheck } from '../check.ts';
import type { Method } from './attempt.ts';
import { CheckRun } from './check-run.ts';
import type { CheckServices } from './check-services.ts';
import { dnsMethod } from './dns-check.ts';
import { FileWatch } from './file-check.ts';
import { httpMethod } from './http-check.ts';
import { pingMethod } from './ping-check.ts';
import { placesOfThisProcess } from './places.ts';
import { miscMethod } from './program-check.ts';
import { smtpMethod } from './smtp-check.ts';
import { tcpMethod } from './tcp-check.ts';
import { udpMethod } from './udp-check.ts';

export function beginChecks(services: CheckServices): BeginCheck {
  const places = placesOfThisProcess();
  return (check, home, before) => {
    const { timing } = check;
    const run = (method: Method): CheckRun => new CheckRun({ timing, method, home, services, places }, before);
    switch (check.kind) {
      case 'tcp':
        return run(tcpMethod(check, home, services));
      case 'ping':
        return run(pingMethod(check, home, services));
      case 'http':
      case 'https':
        return run(httpMethod(check, home, services));
      case 'smtp':
        return run(smtpMethod(check, home, services));
      case 'dns':
        return run(dnsMethod(check, home, services));
      case 'udp':
        return run(udpMethod(check, home, services));
      case 'misc':
        return run(miscMethod(check, home, services));
      case 'file':
        return new FileWatch(check, home, services);
    }
  };
}
