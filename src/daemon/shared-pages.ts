/**
 * Pages that the control process shares with data processes, one memfd for each generation. Those of a generation that has
 * ended serve a later one of the same size: reloads, however many, need no more memory than generations live at once.
 *
 * Its data process must be gone: a mapping whose pages are cut off would kill whoever reads there.
 */
import { createSharedFd, mapShared, type Region, resizeShared } from '../sys/memory.ts';

export interface SharedPage {
  readonly fd: number;
  readonly region: Region;
}

export class SharedPages {
  readonly #free: SharedPage[] = [];

  /** Zeroes, all of them. Throws where the kernel has no memory. */
  take(sizeBytes: number): SharedPage {
    const at = this.#free.findIndex(({ region }) => region.sizeBytes === sizeBytes);
    const [known] = at < 0 ? [] : this.#free.splice(at, 1);
    if (known !== undefined) return known;
    const fd = createSharedFd('tandem', sizeBytes);
    return { fd, region: mapShared(fd, sizeBytes) };
  }

  /** Nobody uses them any more; the memory goes back at once, the place is kept. */
  give(page: SharedPage): void {
    resizeShared(page.fd, 0);
    resizeShared(page.fd, page.region.sizeBytes);
    this.#free.push(page);
  }
}
