import { describe, expect, it } from 'vitest';
import { type AgentWords, agentLine, parseAgentLine } from '../../src/health/agent-words.ts';

const NOTHING: AgentWords = { health: null, admin: null, weight: null, maxconn: null, unknown: null, description: '' };

describe('the line of an agent', () => {
  it.each<[string, string | null]>([
    ['up\n', 'up'],
    ['up\r\nmore\n', 'up'],
    ['\n', ''],
    ['up', null],
    ['', null],
    ['up\0\n', null],
    ['up\n\0', 'up'],
  ])('%j is %j', (received, line) => {
    expect(agentLine(received)).toBe(line);
  });

  it('is over at its first end, wherever it is cut', () => {
    const text = 'ready up 75%\r\nnot read\n';
    for (let cut = 0; cut < text.length; cut++) {
      expect(agentLine(text.slice(0, cut))).toBe(cut < 13 ? null : 'ready up 75%');
    }
  });
});

describe('its words', () => {
  it.each<[string, Partial<AgentWords>]>([
    ['', {}],
    [' \t,,', {}],
    ['up', { health: 'up' }],
    ['UP,Drain', { health: 'UP', admin: 'drain' }],
    ['up down', { health: 'down' }],
    ['maint ready', { admin: 'ready' }],
    ['stopped fail', { health: 'fail' }],
    ['10% 20%', { weight: '20%' }],
    ['5x%', { weight: '5x%' }],
    ['%5', { unknown: '%5' }],
    ['50', { unknown: '50' }],
    ['-5%', { unknown: '-5%' }],
    ['maxconn:7 MaxConn:x', { maxconn: 'x' }],
    ['maxconn:', { maxconn: '' }],
    ['what who up', { unknown: 'what', health: 'up' }],
    ['down# x', { unknown: 'down#' }],
    ['down #x y', { health: 'down', description: 'x y' }],
    ['down # \t x # y', { health: 'down', description: 'x # y' }],
    ['#up', { description: 'up' }],
  ])('%j', (line, words) => {
    expect(parseAgentLine(line)).toEqual({ ...NOTHING, ...words });
  });
});
