/**
 * What an agent says: a line of words, divided by blanks or commas; of each kind the last one counts.
 *
 *   up 75% maxconn:30 ready # all is well
 *   └┬┘└┬─┘└───┬────┘ └─┬─┘   └────┬─────┘
 *  health weight limit  admin    description, of interest with a health word only
 *
 * Pure. Not here: what follows from it (src/daemon/agent-judge.ts).
 */

export interface AgentWords {
  /** As it was written. */
  readonly health: string | null;
  readonly admin: 'ready' | 'drain' | 'maint' | null;
  /** `75%`, or what was to be one. */
  readonly weight: string | null;
  /** What stands behind `maxconn:`. */
  readonly maxconn: string | null;
  /** The first word that means nothing. */
  readonly unknown: string | null;
  readonly description: string;
}

const HEALTH_WORDS = ['up', 'down', 'stopped', 'fail'];
const ADMIN_WORDS = ['ready', 'drain', 'maint'] as const;
const MAXCONN = 'maxconn:';

/** The line that has arrived; null: its end has not. A zero byte ends everything, as in C. */
export function agentLine(received: string): string | null {
  const [text = ''] = received.split('\0', 1);
  const end = text.search(/[\r\n]/);
  return end < 0 ? null : text.slice(0, end);
}

export function parseAgentLine(line: string): AgentWords {
  let health: string | null = null;
  let admin: AgentWords['admin'] = null;
  let weight: string | null = null;
  let maxconn: string | null = null;
  let unknown: string | null = null;
  let rest = line;
  for (;;) {
    rest = rest.replace(/^[ \t,]+/, '');
    if (rest === '' || rest.startsWith('#')) break;
    const [word = ''] = /^.[^\t ,]*/s.exec(rest) ?? [];
    rest = rest.slice(word.length);
    const lower = word.toLowerCase();
    const adminWord = ADMIN_WORDS.find((one) => one === lower);
    if (HEALTH_WORDS.includes(lower)) health = word;
    else if (adminWord !== undefined) admin = adminWord;
    else if (/^\d.*%/s.test(word)) weight = word;
    else if (lower.startsWith(MAXCONN)) maxconn = word.slice(MAXCONN.length);
    else unknown ??= word;
  }
  return { health, admin, weight, maxconn, unknown, description: rest.replace(/^#[ \t]*/, '') };
}

export function saysUp(health: string): boolean {
  return health.toLowerCase() === 'up';
}
