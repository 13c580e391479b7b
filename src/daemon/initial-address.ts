/** `init-addr`: how a server whose address is a name gets its first one. Pure: names have been asked for already. */
import type { InitialAddress } from '../config/model.ts';
import type { HostAddress } from './resolve.ts';

export interface InitialPlace {
  /** null: it has none yet. */
  readonly address: HostAddress | null;
  /** What is wrong with that, and what follows from it. */
  readonly trouble: 'nothing' | 'unknown, so disabled' | 'unknown, so another one' | 'unknown' | 'no way';
}

const USUALLY: readonly InitialAddress[] = [{ kind: 'last' }, { kind: 'libc' }];

export function initialPlace(
  name: string,
  methods: readonly InitialAddress[],
  known: ReadonlyMap<string, HostAddress>,
): InitialPlace {
  let isUnknown = false;
  for (const method of methods.length === 0 ? USUALLY : methods) {
    switch (method.kind) {
      case 'last':
        // No state file tells of another life.
        break;
      case 'libc': {
        const found = known.get(name);
        if (found !== undefined) return { address: found, trouble: 'nothing' };
        isUnknown = true;
        break;
      }
      case 'none':
        return { address: null, trouble: isUnknown ? 'unknown, so disabled' : 'nothing' };
      case 'ip':
        return {
          address: { family: method.family, ip: method.ip },
          trouble: isUnknown ? 'unknown, so another one' : 'nothing',
        };
    }
  }
  return { address: null, trouble: isUnknown ? 'unknown' : 'no way' };
}

/** Whether the system's resolver has a say. */
export function asksResolver(methods: readonly InitialAddress[]): boolean {
  for (const { kind } of methods) {
    if (kind === 'libc') return true;
    if (kind !== 'last') return false;
  }
  return methods.length === 0;
}
