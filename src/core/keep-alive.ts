/** `clitcpka-cnt`, `-idle`, `-intvl` and the same of `srvtcpka`: how the kernel probes a peer that is silent; 0: its own way. */
export interface KeepAliveTimers {
  readonly count: number;
  readonly idleS: number;
  readonly intervalS: number;
}
