/** Whether enough servers are up, with hysteresis: gained at quorum + hysteresis, lost below quorum - hysteresis or with none left. */

export interface QuorumWish {
  readonly quorum: number;
  readonly hysteresis: number;
}

export interface QuorumChange {
  readonly hasQuorum: boolean;
  /** As in keepalived's messages: `2+1=3 <= 4`, `2-1=1 > 0`. */
  readonly sum: string;
}

/** null: it stays as it was. */
export function quorumChange(wish: QuorumWish, hadQuorum: boolean, weightUp: number): QuorumChange | null {
  const threshold = quorumThreshold(wish, hadQuorum);
  if (!hadQuorum && weightUp >= threshold)
    return { hasQuorum: true, sum: `${wish.quorum}+${wish.hysteresis}=${threshold} <= ${weightUp}` };
  if (hadQuorum && (weightUp === 0 || weightUp < threshold))
    return { hasQuorum: false, sum: missing(wish, threshold, weightUp) };
  return null;
}

/** At a start without it: keepalived writes a minus, and what it would take. */
export function missingQuorum(wish: QuorumWish, weightUp: number): string {
  return missing(wish, quorumThreshold(wish, false), weightUp);
}

export function quorumThreshold({ quorum, hysteresis }: QuorumWish, hasQuorum: boolean): number {
  return quorum + (hasQuorum ? -hysteresis : hysteresis);
}

function missing({ quorum, hysteresis }: QuorumWish, threshold: number, weightUp: number): string {
  return `${quorum}-${hysteresis}=${threshold} > ${weightUp}`;
}
