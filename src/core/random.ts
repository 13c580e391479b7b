/** Chance, behind a seam: spreading things over time. Nothing secret comes from here. */
export interface Random {
  /** From 0, included, to 1, not included. */
  next(): number;
}

export const systemRandom: Random = { next: () => Math.random() };
