/** Makes a check of a real server, of whatever kind. */
import type { L4Check } from '../../config/l4-model.ts';
import type { BeginCheck, CheckHome } from '../check.ts';
import type { Method } from './attempt.ts';
import { CheckRun } from './check-run.ts';
import type { CheckServices } from './check-services.ts';
import { tcpMethod } from './tcp-check.ts';

export function beginChecks(services: CheckServices): BeginCheck {
  return (check, home, before) => {
    const method = methodOf(check, home, services);
    return new CheckRun({ timing: check.timing, method, home, services }, before);
  };
}

function methodOf(check: L4Check, home: CheckHome, services: CheckServices): Method {
  switch (check.kind) {
    case 'tcp':
      return tcpMethod(check, home, services);
    default:
      throw new Error(`${check.kind}: not there yet`);
  }
}
