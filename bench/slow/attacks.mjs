// What each kind of slow client says: `opening` at once, then, if it `acts`, `next(turn)` again and again; a reader reads.

const HEAD = 'HTTP/1.1\r\nHost: bench\r\n';

/** `path`: what the readers ask for. */
export const SLOW_PATH = '/files/64k.bin';

export const ATTACKS = {
  'idle connect': { opening: '', reads: 4096 },
  slowloris: { opening: `GET / ${HEAD}X: `, acts: true, next: () => 'x', reads: 4096 },
  'header dribble': {
    opening: `GET / ${HEAD}`,
    // More lines than are allowed would be an end too soon.
    acts: true,
    next: (turn) => (turn < 90 ? 'X-Header: value\r\n' : 'x'),
    reads: 4096,
  },
  'slow body': {
    opening: `POST /upload ${HEAD}Content-Length: 1000000\r\n\r\n`,
    acts: true,
    next: () => 'x',
    reads: 4096,
  },
  'chunk dribble': {
    opening: `POST /upload ${HEAD}Transfer-Encoding: chunked\r\n\r\n`,
    acts: true,
    next: () => '1;name=value;other="quoted value"\r\nx\r\n',
    reads: 4096,
  },
  'chunk extensions': {
    opening: `POST /upload ${HEAD}Transfer-Encoding: chunked\r\n\r\n`,
    acts: true,
    next: () => `1;name=${'x'.repeat(2000)}\r\nx\r\n`,
    reads: 4096,
  },
  // Its window is as small as the kernel makes them, and it takes a little now and then.
  'slow reader': { opening: `GET ${SLOW_PATH} ${HEAD}\r\n`, acts: true, tinyWindow: true, reads: 16 },
};
