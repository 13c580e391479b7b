/** What a virtual router counts, by keepalived's names (its keepalived.stats, and the MIB of RFC 6527). */
import type { Judgement, Refusal } from './acceptance.ts';
import type { Phase } from './election-types.ts';
import { Lateness } from './lateness.ts';

/** An authentication type that no RFC knows is another fault than one that we do not use. */
const KNOWN_AUTH_TYPES = 2;

export class RouterStatistics {
  advertsReceived = 0;
  advertsSent = 0;
  becameMaster = 0;
  releasedMaster = 0;
  lengthErrors = 0;
  ttlErrors = 0;
  invalidTypes = 0;
  intervalErrors = 0;
  addressListErrors = 0;
  invalidAuthTypes = 0;
  authTypeMismatches = 0;
  authFailures = 0;
  priorityZeroReceived = 0;
  priorityZeroSent = 0;
  /** How long after they were due a master's adverts had left. */
  lateness = new Lateness();

  clear(): void {
    Object.assign(this, new RouterStatistics());
  }

  sent(priority: number): void {
    this.advertsSent++;
    if (priority === 0) this.priorityZeroSent++;
  }

  moved(before: Phase, after: Phase): void {
    if (after === 'master' && before !== 'master') this.becameMaster++;
    const wasMaster = before === 'master' || before === 'leaving';
    if (wasMaster && (after === 'backup' || after === 'fault' || after === 'stopped')) this.releasedMaster++;
  }

  heard({ refusal, advert }: Judgement): void {
    if (advert?.word !== undefined) return;
    if (refusal !== null) this.#refused(refusal, advert?.authType ?? 0);
    // keepalived has counted it by the time that it compares the lists.
    if (refusal === null || refusal === 'other-addresses') this.advertsReceived++;
    if (refusal === null && advert.priority === 0) this.priorityZeroReceived++;
  }

  #refused(refusal: Refusal, authType: number): void {
    switch (refusal) {
      case 'too-short':
      case 'bad-length':
      case 'carp':
        this.lengthErrors++;
        break;
      case 'bad-ttl':
        this.ttlErrors++;
        break;
      case 'bad-type':
        this.invalidTypes++;
        break;
      case 'other-interval':
      case 'bad-interval':
        this.intervalErrors++;
        break;
      case 'no-addresses':
      case 'other-addresses':
      case 'other-destination':
        this.addressListErrors++;
        break;
      case 'other-auth-type':
        if (authType > KNOWN_AUTH_TYPES) this.invalidAuthTypes++;
        else this.authTypeMismatches++;
        break;
      case 'wrong-password':
        this.authFailures++;
        break;
      default:
        // Of another router, another version, with a wrong sum: keepalived's file has no line for it.
        break;
    }
  }
}
