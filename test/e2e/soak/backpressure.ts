/** Waiting for a stream to take more bytes, without leaving listeners behind. */
import type { Writable } from 'node:stream';

/** Resolves when the stream has drained; false when it is gone instead. */
export function drained(stream: Writable): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (more: boolean): void => {
      stream.off('drain', onDrain);
      stream.off('close', onClose);
      resolve(more);
    };
    const onDrain = (): void => done(true);
    const onClose = (): void => done(false);
    stream.on('drain', onDrain);
    stream.on('close', onClose);
    if (stream.destroyed) done(false);
  });
}
