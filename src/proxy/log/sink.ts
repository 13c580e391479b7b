/**
 * The sinks of one proxy's log lines: a line goes to each target that wants its level, with the target's own header, as
 * one message and one system call each. Nothing here waits or throws: a line that the kernel does not take is lost and
 * counted, and when the target takes lines again it is told how many were lost.
 *
 *   region of the thread:  [ … header right-aligned | line … | \n ]
 *                                                   ▲ LINE_AT
 *
 * Who has a hot path writes its line straight to `sinks.line` and emits that; any other buffer is copied there. Opening
 * happens in the constructor, which must run before a chroot or a change of user.
 *
 * Not here: the text of a line (line.ts). This file knows no loop, the control process uses it too.
 */

import { UdpOutlet, UnixDatagramOutlet } from '../../sys/datagram.ts';
import { DescriptorOutlet } from '../../sys/descriptor.ts';
import { allocate } from '../../sys/memory.ts';
import type { Outlet } from '../../sys/outlet.ts';
import type { LogTargetPlan } from '../plan.ts';
import { LogHeader } from './header.ts';
import { Sampling } from './sampling.ts';

/** The longest line that any `len` can ask for. */
const LINE_MAX_BYTES = 65535;
/** A header is a date, a host name (at most 255 bytes) and a tag, and structured data; what is longer is cut off from the left. */
const LINE_AT = 1024 + LINE_MAX_BYTES;
const NEWLINE = 0x0a;
const SPACE = 0x20;
const NOTHING = Buffer.alloc(0);
const LEVEL_WARNING = 4;

const region = allocate(LINE_AT + LINE_MAX_BYTES + 1);
const regionBytes = region.bytes;
/** One thread writes one line at a time, whoever's it is. */
const sharedLine = regionBytes.subarray(LINE_AT, LINE_AT + LINE_MAX_BYTES);

/** Targets of several proxies that are the same (`log global`) share one outlet a thread. */
const outlets = new Map<string, Outlet>();

function outletOf(sink: LogTargetPlan['sink']): Outlet {
  // The number of another descriptor may mean something else by the time it is named again.
  if (sink.kind === 'fd' && sink.fd > 2) return open(sink);
  const key = JSON.stringify(sink);
  const known = outlets.get(key);
  if (known !== undefined) return known;
  const outlet = open(sink);
  outlets.set(key, outlet);
  return outlet;
}

function open(sink: LogTargetPlan['sink']): Outlet {
  switch (sink.kind) {
    case 'udp':
      return new UdpOutlet(sink.address);
    case 'unix':
      return new UnixDatagramOutlet(sink.address);
    case 'fd':
      return new DescriptorOutlet(sink.fd);
  }
}

class Target {
  readonly maxLevel: number;
  readonly minLevel: number;
  readonly maxLength: number;
  readonly header: LogHeader;
  readonly outlet: Outlet;
  readonly sampling: Sampling | null;
  /** Lines since the last that it took. */
  lost = 0;

  constructor(plan: LogTargetPlan, pid: number) {
    this.maxLevel = plan.maxLevel;
    this.minLevel = plan.minLevel;
    // To a descriptor the line end counts, in a datagram it does not.
    const end = plan.sink.kind === 'fd' ? 1 : 0;
    this.maxLength = Math.min(plan.maxLengthBytes, LINE_MAX_BYTES) - end;
    this.header = new LogHeader(plan, pid);
    this.sampling = plan.sampling === undefined ? null : new Sampling(plan.sampling);
    this.outlet = outletOf(plan.sink);
  }
}

export class LogSinks {
  /** Where a line may be written to be emitted without a copy. Overwritten by whoever emits next in this thread. */
  readonly line: Buffer = sharedLine;
  readonly #targets: readonly Target[];
  /** HAProxy builds the message in a buffer of the longest `len`, final NUL included. */
  readonly longestMessage: number;
  #linesLost = 0;
  readonly #onLost: () => void;

  /** `onLost` is called for each line that a target did not get. */
  constructor(targets: readonly LogTargetPlan[], pid: number, onLost: () => void = () => {}) {
    this.#onLost = onLost;
    this.#targets = targets.map((target) => new Target(target, pid));
    const longest = Math.max(1, ...targets.map((target) => target.maxLengthBytes));
    this.longestMessage = Math.min(longest - 1, LINE_MAX_BYTES);
  }

  /** Lines that some target did not get, since the start. */
  get linesLost(): number {
    return this.#linesLost;
  }

  /** What every target takes of a line. */
  get shortestMessage(): number {
    return Math.min(...this.#targets.map((target) => target.maxLength - target.header.maxLengthBytes));
  }

  /** False: no target wants lines of this level, there is no need to write one. */
  wants(level: number): boolean {
    for (const target of this.#targets) if (level <= target.maxLevel) return true;
    return false;
  }

  /** Sends the first `length` bytes of `line`, without a line end, to every target that wants this level (0..7). */
  emit(level: number, line: Buffer, length: number, nowWallMs: number): void {
    this.#emit(level, line, length, NOTHING, 0, nowWallMs);
  }

  /** The same, with structured data for targets of rfc5424. */
  emitStructured(
    level: number,
    line: Buffer,
    length: number,
    structured: Buffer,
    structuredLength: number,
    nowWallMs: number,
  ): void {
    let size = structuredLength;
    while (size > 0 && structured[size - 1] === SPACE) size--;
    this.#emit(level, line, length, structured, size, nowWallMs);
  }

  #emit(
    level: number,
    line: Buffer,
    length: number,
    structured: Buffer,
    structuredLength: number,
    nowWallMs: number,
  ): void {
    const size = Math.min(length, line.length, this.longestMessage);
    if (line !== sharedLine) line.copy(regionBytes, LINE_AT, 0, size);
    let returned = false;
    for (const target of this.#targets) {
      if (level > target.maxLevel || target.sampling?.skips() === true) continue;
      if (!this.#sendTo(target, level, size, structured, structuredLength, nowWallMs)) {
        target.lost++;
        this.#linesLost++;
        this.#onLost();
      } else if (target.lost > 0) returned = true;
    }
    if (returned) this.#tellOfLost(nowWallMs);
  }

  /** The same for a message in words; what is not ASCII goes out as UTF-8, line ends within become spaces. */
  say(level: number, message: string, nowWallMs: number): void {
    const length = sharedLine.write(message.replace(/[\r\n]+/g, ' '));
    this.emit(level, sharedLine, length, nowWallMs);
  }

  /** Overwrites the line, which has gone to all targets by now. One that does not take this either hears of it later. */
  #tellOfLost(nowWallMs: number): void {
    for (const target of this.#targets) {
      if (target.lost === 0) continue;
      const length = sharedLine.write(`${target.lost} log lines were lost before the last one`);
      if (LEVEL_WARNING > target.maxLevel || this.#sendTo(target, LEVEL_WARNING, length, NOTHING, 0, nowWallMs))
        target.lost = 0;
    }
  }

  #sendTo(
    target: Target,
    level: number,
    size: number,
    structured: Buffer,
    structuredLength: number,
    nowWallMs: number,
  ): boolean {
    const { header, maxLength } = target;
    header.update(Math.max(level, target.minLevel), nowWallMs);
    const prefix = header.bytes;
    let headerSize = prefix.length;
    if (structuredLength > 0 && header.endsInStructuredData) {
      // Its `- ` gives way to `data `.
      headerSize += structuredLength - 1;
      structured.copy(regionBytes, LINE_AT - structuredLength - 1, 0, structuredLength);
      regionBytes[LINE_AT - 1] = SPACE;
      regionBytes.set(prefix.subarray(0, prefix.length - 2), LINE_AT - headerSize);
    } else regionBytes.set(prefix, LINE_AT - headerSize);
    const start = LINE_AT - headerSize;
    // The next target may want more of the line than this one: the byte under the line end is put back.
    const end = start + Math.min(headerSize + size, maxLength);
    const covered = regionBytes[end] ?? 0;
    regionBytes[end] = NEWLINE;
    const sent = target.outlet.send(region.address + start, end + 1 - start);
    regionBytes[end] = covered;
    return sent;
  }
}
