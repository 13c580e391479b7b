/** Log targets of the model → of the plan: tag and host name filled in, descriptors as the data process sees them. */
import type { LogFormat, LogTarget } from '../config/model.ts';
import type { LogTargetPlan } from '../proxy/plan.ts';

export interface LogSurroundings {
  /** This host's own name. */
  readonly hostname: string;
  /** Descriptor here → descriptor where the plan runs; those that are missing keep their number (1 and 2 do). */
  readonly descriptors: ReadonlyMap<number, number>;
}

export function compileLogTargets(
  targets: readonly LogTarget[],
  tag: string,
  sendHostname: string | null,
  around: LogSurroundings,
): LogTargetPlan[] {
  return targets.map((target) => {
    const { sink, format } = target;
    return {
      sink: sink.kind === 'fd' ? { kind: 'fd', fd: around.descriptors.get(sink.fd) ?? sink.fd } : sink,
      // `local` is rfc3164 with or without a host name; the plan says that by the name.
      format: format === 'local' ? 'rfc3164' : format,
      facility: target.facility,
      maxLevel: target.maxLevel,
      minLevel: target.minLevel,
      maxLengthBytes: target.maxLengthBytes,
      ...(target.sampling === null ? {} : { sampling: target.sampling }),
      tag,
      hostname: headerHostname(format, sendHostname, around.hostname),
    };
  });
}

function headerHostname(format: LogFormat, sendHostname: string | null, own: string): string {
  if (sendHostname !== null) return sendHostname === '' ? own : sendHostname;
  return format === 'rfc3164' ? 'localhost' : '';
}
