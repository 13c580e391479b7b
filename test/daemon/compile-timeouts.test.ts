import { describe, expect, it } from 'vitest';
import type { Timeouts } from '../../src/config/model.ts';
import { compileTimeouts } from '../../src/daemon/compile-timeouts.ts';

const NONE: Timeouts = {
  connectMs: null,
  clientMs: null,
  serverMs: null,
  queueMs: null,
  httpRequestMs: null,
  httpKeepAliveMs: null,
  checkMs: null,
  tunnelMs: null,
  clientFinMs: null,
  serverFinMs: null,
  tarpitMs: null,
};

describe('timeouts', () => {
  it.each([
    ['none at all: no limits', {}, { connectMs: 0, clientMs: 0, queueMs: 0, httpKeepAliveMs: 0, tarpitMs: 0 }],
    ['queue and tarpit fall back to connect', { connectMs: 5 }, { queueMs: 5, tarpitMs: 5 }],
    ['queue of its own', { connectMs: 5, queueMs: 6 }, { connectMs: 5, queueMs: 6, tarpitMs: 5 }],
    ['request and keep-alive fall back to client', { clientMs: 7 }, { httpRequestMs: 7, httpKeepAliveMs: 7 }],
    ['keep-alive falls back to request', { clientMs: 7, httpRequestMs: 8 }, { httpRequestMs: 8, httpKeepAliveMs: 8 }],
    ['keep-alive of its own', { clientMs: 7, httpKeepAliveMs: 9 }, { httpRequestMs: 7, httpKeepAliveMs: 9 }],
    ['fin and tunnel fall back to nothing here', { clientMs: 7 }, { clientFinMs: 0, serverFinMs: 0, tunnelMs: 0 }],
    ['a configured zero stays zero', { connectMs: 5, queueMs: 0 }, { queueMs: 0 }],
  ])('%s', (_, given, expected) => {
    expect(compileTimeouts({ ...NONE, ...given })).toMatchObject(expected);
  });
});
