/**
 * `http-request …`: of its actions `use-service prometheus-exporter` is there; the others are errors by name until their time
 * comes.
 */
import type { ServiceRule } from '../inside-model.ts';
import { readCondition } from './acl-condition.ts';
import type { ProxyTarget } from './drafts.ts';
import type { Statement } from './statement.ts';
import { placeOf } from './stats-page.ts';

const SERVICE = 'prometheus-exporter';

export function applyHttpRequest(s: Statement, _at: number, target: ProxyTarget): void {
  const action = s.text(1);
  if (action !== 'use-service') {
    const hint = "'use-service prometheus-exporter' is there; other rules come in a later version";
    s.error(1, 'unsupported-keyword', `'${action}' of 'http-request' is not supported yet`, hint);
    return;
  }
  if (!s.has(2)) {
    s.error(2, 'missing-argument', "'use-service' expects the name of a service", SERVICE);
    return;
  }
  if (s.text(2) !== SERVICE) {
    s.error(2, 'unsupported-keyword', `the service '${s.text(2)}' is not supported`, SERVICE);
    return;
  }
  if (target.proxy.kind === 'defaults') {
    s.error(
      0,
      'unsupported-keyword',
      "'http-request' in a defaults section is not supported yet",
      'write it in each section',
    );
    return;
  }
  const { services } = target.proxy;
  const condition = s.has(3) ? readCondition(s, 3, target, placeOf(target.proxy)) : null;
  if (s.has(3) && condition === null) return;
  if (services.at(-1)?.condition === null) {
    s.warning(0, 'never-reached', 'the rule before this one has no condition, so this one is never reached');
  }
  services.push({ statement: s, condition });
}

export interface ServiceDraft {
  readonly statement: Statement;
  readonly condition: ServiceRule['condition'];
}

export function buildServices(drafts: readonly ServiceDraft[]): ServiceRule[] {
  return drafts.map(({ condition }) => ({ service: SERVICE, condition }));
}
