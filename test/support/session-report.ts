/** A session as a data thread reports it: a GET that waits for its response. */
import type { SessionReport } from '../../src/proxy/questions.ts';

export function report(fields: Partial<SessionReport> = {}): SessionReport {
  return {
    serial: 42,
    request: 1,
    listener: 0,
    backend: 1,
    server: 0,
    source: { family: 4, ip: '192.0.2.7', port: 4711 },
    destination: { family: 4, ip: '192.0.2.1', port: 80 },
    outgoing: { family: 4, ip: '192.0.2.1', port: 50_000 },
    clientFd: 13,
    serverFd: 21,
    acceptedWallMs: 1_795_306_395_466,
    ageMs: 1300,
    phase: 'connected',
    tunnel: false,
    requestDone: true,
    responseStarted: false,
    responseDone: false,
    method: 1,
    status: 0,
    bytesIn: 42,
    bytesOut: 0,
    requestHeld: 0,
    responseHeld: 0,
    clientMs: -1,
    serverMs: 28_700,
    retries: 0,
    clientEnded: false,
    serverEnded: false,
    serverUses: 1,
    ...fields,
  };
}
