import { describe, expect, it } from 'vitest';
import { CheckRecord } from '../../src/health/check-record.ts';
import type { CheckResult, ResultCode } from '../../src/health/result.ts';

const result = (code: ResultCode): CheckResult => ({ result: code, status: 0, info: '', durationMs: 1 });

describe('a record of checks', () => {
  it.each<[readonly ResultCode[], number, readonly boolean[], string]>([
    [['L4OK'], 4, [true], 'passed'],
    [['L4OK', 'L4OK'], 4, [true, false], 'passed'],
    [['L4CON'], 0, [true], 'failed'],
    [['L4CON', 'L4CON'], 0, [true, false], 'failed'],
    [['L4CON', 'L4TOUT'], 0, [true, true], 'failed'],
    [['L7OK', 'L7OKC', 'L7STS'], 3, [true, true, true], 'failed'],
    [['PROCTOUT', 'PROCOK', 'PROCOK'], 4, [true, true, true], 'passed'],
    [['HANA'], 0, [true], 'failed'],
  ])('after %j', (codes, health, news, verdict) => {
    const record = new CheckRecord(true, false, { rise: 2, fall: 3 });
    expect(codes.map((code) => record.conclude(result(code)).isNews)).toEqual(news);
    expect([record.health, record.verdict]).toEqual([health, verdict]);
  });

  it('of an agent: only its own word takes a server down', () => {
    const agent = new CheckRecord(true, true, { rise: 1, fall: 1 });
    for (const code of ['L4CON', 'L4TOUT', 'L7TOUT', 'L7RSP', 'SOCKERR'] as const) {
      expect(agent.conclude(result(code)).counts, code).toBe(false);
      expect(agent.isUp, code).toBe(true);
    }
    expect(agent.conclude(result('L7STS')).counts).toBe(true);
    expect(agent.objects).toBe(true);
    agent.enabled = false;
    expect(agent.objects).toBe(false);
  });

  it('keeps its opinion while an agent has none', () => {
    const agent = new CheckRecord(true, true, { rise: 1, fall: 1 });
    agent.conclude(result('L7STS'));
    expect(agent.conclude(result('CHECKED'))).toEqual({ verdict: 'neutral', counts: false, isNews: false });
    expect([agent.health, agent.verdict]).toEqual([0, 'failed']);
  });
});
