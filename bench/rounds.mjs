// One work, measured: a warm-up of every peer, then round after round each of them once, in an order that turns.
import { idleCount } from './descriptors.mjs';
import { holdIdle } from './load/idle.mjs';
import { autocannon, webSocket } from './load/node-client.mjs';
import { load as paced, prepare as preparePaced } from './load/paced.mjs';
import { load as wrk } from './load/wrk.mjs';
import { baseOf } from './peers/peers.mjs';
import { processTree, residentBytes } from './process-tree.mjs';
import { workResult } from './report/result.mjs';
import { sample } from './sample.mjs';

const LOADS = { wrk, paced, autocannon, webSocket };
const WARM_SECONDS = 2;
const MIB = 1024 * 1024;

/** 0 1 2, 1 2 0, 2 0 1, …: nobody is always measured after the same other one. */
export function turned(list, round) {
  const first = round % list.length;
  return [...list.slice(first), ...list.slice(0, first)];
}

async function besideIdle(context, work, port, run) {
  if (work.idle === undefined) return run();
  const held = await holdIdle(context, port, idleCount(work.idle, work.connections));
  try {
    return await run();
  } finally {
    await held.release();
  }
}

/** Notes that stand below the table of a work. */
function notesOf(work, prepared) {
  const notes = prepared?.note === undefined ? [] : [prepared.note];
  if (work.idle === undefined) return notes;
  const count = idleCount(work.idle, work.connections);
  const why = count < work.idle ? ` (not ${work.idle}: the limit of descriptors, ulimit -Hn, allows no more)` : '';
  return [...notes, `${count} idle connections${why}`];
}

/** `stand`: what setUp made; `peers`: those of them that do this work. */
export async function runWork(context, stand, work, peers) {
  const { rounds, seconds } = context.settings;
  const load = LOADS[work.load];
  const warmSeconds = Math.min(WARM_SECONDS, seconds);
  for (const peer of peers) await load(context, work, stand.targets.get(peer.name).port, warmSeconds, { pauseMs: 0 });
  const base = peers.find((peer) => peer.kind === 'haproxy') ?? peers[0];
  const prepared =
    work.load === 'paced'
      ? await preparePaced(context, work, { name: base.name, ...stand.targets.get(base.name) }, warmSeconds)
      : undefined;
  const samples = new Map(peers.map((peer) => [peer.name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const peer of turned(peers, round)) {
      const target = stand.targets.get(peer.name);
      const drive = () => load(context, work, target.port, seconds, prepared);
      const measure = () => sample({ cores: context.cores, sink: stand.sink }, target, drive);
      samples.get(peer.name).push(await besideIdle(context, work, target.port, measure));
    }
  }
  const residentMib = new Map(
    peers.flatMap((peer) => {
      const { pid } = stand.targets.get(peer.name);
      return pid === undefined ? [] : [[peer.name, residentBytes(processTree(pid)) / MIB]];
    }),
  );
  return workResult(work, samples, {
    baseOf: (name) =>
      baseOf(
        peers.find((peer) => peer.name === name),
        peers,
      ),
    residentMib,
    notes: notesOf(work, prepared),
  });
}

/** Seconds that a list of works takes, about: for the line that says when to come back. */
export function secondsFor(works, peersOfWork, { rounds, seconds }) {
  const START = 3;
  const BETWEEN = 0.5;
  const OPEN_IDLE = 6;
  return works.reduce((sum, work) => {
    const peers = peersOfWork(work).length;
    const one = seconds + BETWEEN + (work.idle === undefined ? 0 : OPEN_IDLE);
    const prepare = work.load === 'paced' ? 7 * Math.min(WARM_SECONDS, seconds) : 0;
    return sum + prepare + peers * (Math.min(WARM_SECONDS, seconds) + rounds * one);
  }, START * works.length);
}
