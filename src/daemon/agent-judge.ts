/**
 * What follows from an agent's words, in HAProxy's order: what it wants of the server (ready, drain, maint), then its weight
 * and limit, then its health, which is told like that of a check.
 */
import { type AgentWords, parseAgentLine, saysUp } from '../health/agent-words.ts';
import type { Finding } from '../health/result.ts';
import type { ServerRecord } from './server-record.ts';
import type { ServerStates } from './server-states.ts';
import { requestedMaxconn, requestedWeight } from './weight-request.ts';

export interface AgentPowers {
  readonly states: ServerStates;
  /** The threads are to see its `maxconn`. */
  readonly limit: (record: ServerRecord, maxconn: number) => void;
}

/** `line`: null if it was cut off. */
export function heedAgent(record: ServerRecord, line: string | null, { states, limit }: AgentPowers): Finding {
  const { agent } = record;
  // It may have been disabled meanwhile.
  if (!agent.enabled) return { result: 'CHECKED', status: 0, info: '' };
  // Nothing has changed, but its operator should know.
  if (line === null) {
    return { result: agent.last?.result ?? 'L7TOUT', status: 0, info: 'Ignoring incomplete line from agent' };
  }
  const words = parseAgentLine(line);
  if (words.admin === 'drain') states.drain(record);
  else if (words.admin === 'maint') states.maintain(record);
  else if (words.admin === 'ready') states.ready(record);
  const warnings: (string | null)[] = [];
  if (words.weight !== null) {
    const weight = requestedWeight(words.weight, record.model.weight, record.growsSlowly);
    if (typeof weight === 'number') states.setWeight(record, weight);
    warnings.push(typeof weight === 'number' ? null : weight);
  }
  if (words.maxconn !== null) {
    const maxconn = requestedMaxconn(words.maxconn);
    if (typeof maxconn === 'number') limit(record, maxconn);
    warnings.push(typeof maxconn === 'number' ? null : maxconn);
  }
  return findingOf(record, words, warnings.find((warning) => warning !== null) ?? '');
}

function findingOf(record: ServerRecord, words: AgentWords, warning: string): Finding {
  const { agent } = record;
  const { health, unknown, description } = words;
  if (health !== null) {
    const up = saysUp(health);
    agent.health = up ? agent.top : 0;
    const trouble = unknown ?? warning;
    const more = (description === '' || up) && trouble !== '' ? trouble : description;
    return {
      result: up ? 'L7OK' : 'L7STS',
      status: 0,
      info: `via agent : ${health}${more === '' ? '' : ` (${more})`}`,
    };
  }
  if (unknown !== null) return { result: 'CHECKED', status: 0, info: `agent reports an error : ${unknown}` };
  return { result: 'CHECKED', status: 0, info: warning === '' ? '' : `agent warns : ${warning}` };
}
