/** Priority, state, preemption and strict mode of an instance: where one word takes the meaning from another. */
import type { GlobalDraft } from './global-draft.ts';
import type { InstanceDraft } from './instance-draft.ts';

const OWNER_PRIORITY = 255;
const DEFAULT_PRIORITY = 100;

export function resolvePriority(
  draft: InstanceDraft,
  strict: boolean,
): { readonly priority: number; readonly wantedState: 'MASTER' | 'BACKUP' } {
  const place = draft.said.get('state');
  if (draft.priority === null && draft.state === 'MASTER' && !draft.said.has('priority')) {
    const message = 'without a priority, state MASTER means 255: the owner of the addresses';
    place?.warning(1, 'owner-by-state', message, 'write a priority');
  }
  const priority = draft.priority ?? (draft.state === 'MASTER' ? OWNER_PRIORITY : DEFAULT_PRIORITY);
  const byPriority = priority === OWNER_PRIORITY ? 'MASTER' : 'BACKUP';
  if (strict && draft.state !== null && draft.state !== byPriority) {
    place?.warning(1, 'strict-mode', `in strict mode priority ${priority} starts as ${byPriority}`);
    return { priority, wantedState: byPriority };
  }
  return { priority, wantedState: draft.state ?? byPriority };
}

export function resolvePreemption(
  draft: InstanceDraft,
  state: 'MASTER' | 'BACKUP',
  priority: number,
  strict: boolean,
): { readonly preempt: boolean; readonly preemptDelayMs: number } {
  const nopreempt = draft.said.get('nopreempt');
  let preempt = !draft.nopreempt;
  if (!preempt && priority === OWNER_PRIORITY) {
    nopreempt?.warning(0, 'nopreempt-ignored', 'nopreempt means nothing for an owner (priority 255)');
    preempt = true;
  } else if (!preempt && state === 'MASTER') {
    const message = 'nopreempt has no effect with state MASTER: this node will take the addresses back';
    nopreempt?.warning(0, 'nopreempt-ignored', message, 'write state BACKUP, on both nodes');
    preempt = true;
  }
  const delay = draft.said.get('preempt_delay');
  const written = draft.preemptDelayMs ?? 0;
  const against = state === 'MASTER' ? 'state MASTER' : strict ? 'strict mode' : preempt ? null : 'nopreempt';
  if (written > 0 && against !== null) {
    delay?.warning(0, 'preempt-delay-ignored', `preempt_delay has no effect with ${against}`);
    return { preempt, preemptDelayMs: 0 };
  }
  return { preempt, preemptDelayMs: written };
}

/** Says what strict mode takes away where something was written for it. */
export function resolveStrict(draft: InstanceDraft, global: GlobalDraft, version: 2 | 3): boolean {
  const strict = draft.strict ?? global.strict;
  if (!strict) return false;
  const taken = [
    ...(draft.garpLowerPrioDelayMs ? ['garp_lower_prio_delay'] : []),
    ...(draft.garpLowerPrioRepeat ? ['garp_lower_prio_repeat'] : []),
    ...(draft.lowerPrioNoAdvert === false ? ['lower_prio_no_advert'] : []),
    ...(draft.higherPrioSendAdvert === true ? ['higher_prio_send_advert'] : []),
    ...(draft.vmac !== null && draft.vmacTransmitOnBase ? ['vmac_xmit_base'] : []),
    ...((draft.downTimerAdverts ?? 3) === 3 ? [] : ['down_timer_adverts']),
  ];
  for (const word of taken) draft.said.get(word)?.warning(0, 'strict-mode', `'${word}' is ignored in strict mode`);
  if (draft.accept === null && draft.priority !== OWNER_PRIORITY) {
    const message = `strict mode drops everything that is sent to the addresses of '${draft.name}'`;
    const hint = version === 3 ? "write 'accept', or leave vrrp_strict out" : 'leave vrrp_strict out';
    draft.statement.warning(1, 'strict-drops', message, hint);
  }
  return true;
}
