/** Lines for the log, behind a seam: the daemon writes them, tests read them. */
export interface Journal {
  info(text: string): void;
  warning(text: string): void;
}
