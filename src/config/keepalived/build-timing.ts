/** Version, intervals and announcing of an instance, as keepalived resolves and rounds them (vrrp_complete_instance). */
import type { AnnounceSettings, IpFamily } from '../pair-model.ts';
import type { GlobalDraft } from './global-draft.ts';
import type { InstanceDraft } from './instance-draft.ts';

const MOST_V3_CS = 4095;
/**
 * A master that goes away without a word (keepalived after a partition) leaves clients behind: a frame per address every
 * second finds them, and less often where there are many.
 */
const ADDRESSES_PER_SECOND = 20;
const REFRESH_MS = 1000;
/** Whoever advertises fast does not want clients to wait for a second; a few frames more are nothing beside the adverts. */
const FAST_ADVERTS_CS = 25;
const FAST_REFRESH_MS = 250;

export function resolveVersion(draft: InstanceDraft, global: GlobalDraft, family: IpFamily): 2 | 3 {
  if (draft.version === 2 && family === 6) {
    draft.said.get('version')?.error(1, 'bad-version', 'version 2 has no IPv6', 'write: version 3');
  }
  return draft.version ?? (family === 6 ? 3 : (global.version ?? 2));
}

export function resolveInterval(draft: InstanceDraft, version: 2 | 3): number {
  const writtenUs = draft.advertIntervalUs ?? 1_000_000;
  const seconds = writtenUs / 1e6;
  const place = draft.said.get('advert_int');
  if (version === 3) {
    const cs = Math.round(writtenUs / 10_000);
    if (cs > MOST_V3_CS) {
      place?.warning(1, 'interval-changed', `version 3 counts to 40.95 seconds; ${seconds} becomes that`);
      return MOST_V3_CS;
    }
    if (cs * 10_000 !== writtenUs) {
      place?.warning(
        1,
        'interval-changed',
        `version 3 counts in hundredths of a second; ${seconds} becomes ${cs / 100}`,
      );
    }
    return cs;
  }
  const whole = Math.max(1, Math.round(seconds));
  if (whole !== seconds) {
    const message = `version 2 counts in whole seconds; ${seconds} becomes ${whole}`;
    place?.warning(1, 'interval-changed', message, 'vrrp_version 3 in global_defs, on both nodes');
  }
  return whole * 100;
}

export function buildAnnounce(
  draft: InstanceDraft,
  global: GlobalDraft,
  strict: boolean,
  intervalCs: number,
): AnnounceSettings {
  const globalDelayMs = global.garpMasterDelayMs ?? (global.minGarp ? 0 : 5000);
  const globalRepeat = global.garpMasterRepeat ?? (global.minGarp ? 1 : 5);
  return {
    masterDelayMs: draft.garpMasterDelayMs ?? globalDelayMs,
    masterRepeat: draft.garpMasterRepeat ?? globalRepeat,
    refreshMs: draft.garpRefreshMs ?? global.garpRefreshMs ?? defaultRefreshMs(draft.addresses.length, intervalCs),
    refreshRepeat: draft.garpRefreshRepeat ?? global.garpRefreshRepeat ?? 1,
    // The default comes from the global value even where the instance has its own for masters.
    lowerPrioDelayMs: strict ? 0 : (draft.garpLowerPrioDelayMs ?? global.garpLowerPrioDelayMs ?? globalDelayMs),
    lowerPrioRepeat: strict ? 0 : (draft.garpLowerPrioRepeat ?? global.garpLowerPrioRepeat ?? globalRepeat),
    garpIntervalMs: global.garpIntervalMs ?? 0,
    gnaIntervalMs: global.gnaIntervalMs ?? 0,
  };
}

function defaultRefreshMs(addresses: number, intervalCs: number): number {
  const fast = intervalCs <= FAST_ADVERTS_CS && addresses <= (ADDRESSES_PER_SECOND * FAST_REFRESH_MS) / 1000;
  return fast ? FAST_REFRESH_MS : REFRESH_MS * Math.max(1, Math.ceil(addresses / ADDRESSES_PER_SECOND));
}
