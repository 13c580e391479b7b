/**
 * What stands before a line, by the target's format; HAProxy's words:
 *
 *   rfc3164   <134>Nov 20 10:51:32 [host ]haproxy[20713]:
 *   rfc5424   <134>1 2026-11-20T10:51:32.392000+01:00 host haproxy 20713 - -
 *   timed     <6>2026-11-20T10:51:32.392000+01:00         priority  <134>
 *   iso       2026-11-20T10:51:32.392000+01:00            short     <6>          raw  (nothing)
 *
 * The text of one second and level is kept; a fraction of a second is written into it line by line.
 */
import type { LogTargetPlan } from '../plan.ts';
import { ISO_FRACTION_AT, isoDate, syslogDate } from './date.ts';
import { writePadded } from './digits.ts';

export class LogHeader {
  bytes: Uint8Array = new Uint8Array(0);
  readonly #target: LogTargetPlan;
  readonly #pid: number;
  #second = -1;
  #level = -1;
  /** Where the six digits of the fraction are in `bytes`; -1: there are none. */
  #fractionAt = -1;

  constructor(target: LogTargetPlan, pid: number) {
    this.#target = target;
    this.#pid = pid;
  }

  /** No header of this target is longer. */
  get maxLengthBytes(): number {
    this.update(0, 0);
    // A level has one digit, a facility with it up to three.
    return this.bytes.length + 2;
  }

  /** `- `, for structured data that there is none of. */
  get endsInStructuredData(): boolean {
    return this.#target.format === 'rfc5424';
  }

  /** Makes `bytes` right for a line of this level, now. */
  update(level: number, wallMs: number): void {
    const second = Math.floor(wallMs / 1000);
    if (second !== this.#second || level !== this.#level) {
      this.bytes = Buffer.from(this.#text(level, wallMs));
      this.#second = second;
      this.#level = level;
    }
    if (this.#fractionAt < 0) return;
    writePadded(this.bytes, this.#fractionAt, Math.min(Math.round((wallMs - second * 1000) * 1000), 999_999), 6);
  }

  #text(level: number, wallMs: number): string {
    const { format, facility, tag, hostname } = this.#target;
    const priority = `<${facility * 8 + level}>`;
    switch (format) {
      case 'rfc3164':
        return `${priority}${syslogDate(wallMs)} ${hostname === '' ? '' : `${hostname} `}${tag}[${this.#pid}]: `;
      case 'rfc5424': {
        const start = `${priority}1 `;
        this.#fractionAt = start.length + ISO_FRACTION_AT;
        return `${start}${isoDate(wallMs)} ${hostname === '' ? '-' : hostname} ${tag} ${this.#pid} - - `;
      }
      case 'timed':
        this.#fractionAt = `<${level}>`.length + ISO_FRACTION_AT;
        return `<${level}>${isoDate(wallMs)} `;
      case 'iso':
        this.#fractionAt = ISO_FRACTION_AT;
        return `${isoDate(wallMs)} `;
      case 'short':
        return `<${level}>`;
      case 'priority':
        return priority;
      case 'raw':
        return '';
    }
  }
}
