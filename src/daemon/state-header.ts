/** What a server is told of itself with `http-check send-state`: HAProxy's X-Haproxy-Server-State. Pure. */
import {
  PROXY_BACKEND_SESSIONS,
  PROXY_QUEUED,
  SERVER_QUEUED,
  SERVER_SESSIONS,
  type SharedState,
  STATE_UP,
} from '../proxy/shared-state.ts';
import { type ServerRecord, WHOLE_WARMTH } from './server-record.ts';

export interface StateHeaderScene {
  /** All servers of its backend, in their order. */
  readonly siblings: readonly ServerRecord[];
  readonly backend: string;
  /** In the plan. */
  readonly backendIndex: number;
  readonly allBackups: boolean;
  /** `node`, or the name of the host. */
  readonly node: string;
  readonly nowMs: number;
}

export function stateHeader(record: ServerRecord, scene: StateHeaderScene, state: SharedState): string {
  const { address } = record.plan;
  const row = state.server(record.plan.index);
  const backend = state.proxy(scene.backendIndex);
  const served = state.get(backend + PROXY_BACKEND_SESSIONS) - state.get(backend + PROXY_QUEUED);
  const parts = [
    standing(record),
    `address=${address.family === 'unix' ? 'unix' : address.ip}`,
    `port=${address.family === 'unix' ? '' : address.port}`,
    `name=${scene.backend}/${record.plan.name}`,
    `node=${scene.node}`,
    `weight=${units(record.effectiveWeight)}/${units(weightOfAll(scene))}`,
    `scur=${state.get(row + SERVER_SESSIONS)}/${served}`,
    `qcur=${state.get(row + SERVER_QUEUED)}`,
  ];
  const { slowStartS } = record.model;
  const elapsedS = Math.floor((scene.nowMs - record.changedMs) / 1000);
  if (record.operation === 'starting' && elapsedS < slowStartS) {
    parts.push(`throttle=${Math.max(1, Math.floor((100 * elapsedS) / slowStartS))}%`);
  }
  return parts.join('; ');
}

function standing({ check, operation }: ServerRecord): string {
  if (!check.enabled) return 'no check';
  const { health, rise, fall, top } = check;
  if (operation === 'stopped') return health > 0 ? `DOWN ${health}/${rise}` : 'DOWN';
  const word = operation === 'stopping' ? 'NOLB' : 'UP';
  return health === top ? word : `${word} ${health - rise + 1}/${fall}`;
}

/** Of those among which requests are shared now. */
function weightOfAll({ siblings, allBackups }: StateHeaderScene): number {
  const usable = siblings.filter((one) => one.state === STATE_UP && one.effectiveWeight > 0);
  const active = usable.filter((one) => !one.plan.backup);
  const sharing = active.length > 0 || allBackups ? active : usable.slice(0, 1);
  const all = active.length === 0 && allBackups ? usable : sharing;
  return all.reduce((sum, one) => sum + one.effectiveWeight, 0);
}

function units(sixteenths: number): number {
  return Math.ceil(sixteenths / WHOLE_WARMTH);
}
