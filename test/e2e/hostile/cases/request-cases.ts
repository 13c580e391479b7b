/** All request cases, by group. */
import type { RequestCase } from '../case.ts';
import { REQUEST_LINE_CASES } from './a-request-line.ts';
import { HOST_CASES } from './b-host-and-target.ts';
import { FIELD_CASES } from './c-fields.ts';
import { LENGTH_CASES } from './d-content-length.ts';
import { CODING_CASES } from './e-transfer-encoding.ts';
import { CHUNK_CASES } from './f-chunks.ts';
import { TRAILER_CASES } from './g-trailers.ts';
import { CONNECTION_CASES } from './h-connection.ts';
import { LIMIT_CASES } from './i-limits.ts';
import { SWEEP_CASES } from './s-sweeps.ts';
import { TIMING_CASES } from './t-timing.ts';

export interface RequestGroup {
  readonly letter: string;
  readonly title: string;
  readonly cases: readonly RequestCase[];
}

export const REQUEST_GROUPS: readonly RequestGroup[] = [
  { letter: 'A', title: 'request line', cases: REQUEST_LINE_CASES },
  { letter: 'B', title: 'Host and target', cases: HOST_CASES },
  { letter: 'C', title: 'fields', cases: FIELD_CASES },
  { letter: 'D', title: 'Content-Length', cases: LENGTH_CASES },
  { letter: 'E', title: 'Transfer-Encoding', cases: CODING_CASES },
  { letter: 'F', title: 'chunks', cases: CHUNK_CASES },
  { letter: 'G', title: 'trailers', cases: TRAILER_CASES },
  { letter: 'H', title: 'connections, upgrades, Expect', cases: CONNECTION_CASES },
  { letter: 'I', title: 'limits and silence', cases: LIMIT_CASES },
  { letter: 'T', title: 'timing', cases: TIMING_CASES },
  { letter: 'S', title: 'every byte beside the framing', cases: SWEEP_CASES },
];
