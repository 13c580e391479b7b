/**
 * Virtual servers of a keepalived.conf: what the kernel balances (src/l4), and how its servers are checked. Defaults are
 * applied, and what a virtual server says for its real servers, or those for their checks, is resolved.
 *
 * Units are in the names. Not here: reading the file (keepalived/l4/virtual-server.ts).
 */
import type { InetAddress } from '../core/address.ts';
import type { Origin } from './model.ts';
import type { IpFamily, ScriptCommand } from './pair-model.ts';

export type L4Protocol = 'TCP' | 'UDP' | 'SCTP';
/** NAT: the address of the server is written into packets; DR: they go to its MAC address as they are. */
export type Forwarding = 'NAT' | 'DR';
/**
 * By turns: rr, wrr. By what connections there are: lc, wlc, sed, nq. By the client's address: sh, mh; by the virtual address: dh.
 */
export type Scheduler = 'rr' | 'wrr' | 'lc' | 'wlc' | 'sed' | 'nq' | 'sh' | 'dh' | 'mh';

/** Where a virtual server listens; port 0: all of them. */
export interface L4Place {
  readonly family: IpFamily;
  /** The same for one address. */
  readonly first: string;
  readonly last: string;
  readonly firstPort: number;
  readonly lastPort: number;
}

export interface FirewallMark {
  readonly mark: number;
  readonly family: IpFamily | null;
}

export interface VirtualServer {
  readonly origin: Origin;
  /** As keepalived calls it: `[192.0.2.1]:tcp:80`, `FWM 5`; of a group `[web]:0`, where 0 counts the virtual servers that use it. */
  readonly name: string;
  readonly places: readonly L4Place[];
  readonly marks: readonly FirewallMark[];
  readonly family: IpFamily;
  readonly protocol: L4Protocol;
  readonly scheduler: Scheduler;
  /** sh-port, mh-port: the client's port counts, too. */
  readonly hashesPort: boolean;
  /** Each packet on its own (`ops`). */
  readonly onePacket: boolean;
  readonly persistence: Persistence | null;
  readonly flowTimeouts: FlowTimeouts;
  /** Checks pause while this box has none of its addresses. */
  readonly haSuspend: boolean;
  /** Servers are down until a check says otherwise, notifiers run at start. */
  readonly alpha: boolean;
  /** At the end notifiers of what was up run as if it went down. */
  readonly omega: boolean;
  /** Of the weights of servers that are up. */
  readonly quorum: number;
  readonly hysteresis: number;
  readonly quorumUp: ScriptCommand | null;
  readonly quorumDown: ScriptCommand | null;
  readonly smtpAlert: boolean;
  readonly sorryServer: SorryServer | null;
  readonly realServers: readonly RealServer[];
}

/** Of `tandem { }`: what the kernel is told beside the virtual servers. */
export interface L4Settings {
  /** `ip_forward on`: this box is made to pass packets on, at the start. */
  readonly setsForwarding: boolean;
  /** `virtual_servers_at_stop keep`: the kernel goes on with what it has last, without checks. */
  readonly keepsAtStop: boolean;
}

/** With DR: after how long without a packet a connection is forgotten. With NAT that is the kernel's own business. */
export interface FlowTimeouts {
  readonly tcpS: number;
  /** Of one that begins or ends. */
  readonly tcpEdgeS: number;
  /** UDP. */
  readonly datagramS: number;
}

export interface Persistence {
  readonly timeoutS: number;
  /** Clients of one network of this size stay together: 32 or 128, one by one. */
  readonly prefixLength: number;
}

export interface SorryServer {
  readonly origin: Origin;
  readonly address: InetAddress;
  readonly forwarding: Forwarding;
  /** It stays, with weight 0, while it is not needed. */
  readonly inhibits: boolean;
}

export interface RealServer {
  readonly origin: Origin;
  /** Port 0: the one that the client asked for. */
  readonly address: InetAddress;
  readonly weight: number; // 0 to 65535
  readonly forwarding: Forwarding;
  /** Above so many connections it gets none, until there are fewer than `lowerThreshold`; 0: no limit. */
  readonly upperThreshold: number;
  readonly lowerThreshold: number;
  /** A failure makes its weight 0 instead of taking it out: connections stay. */
  readonly inhibitOnFailure: boolean;
  readonly alpha: boolean;
  readonly notifyUp: ScriptCommand | null;
  readonly notifyDown: ScriptCommand | null;
  readonly smtpAlert: boolean;
  readonly checks: readonly L4Check[];
}

/** When a check is made and what it leaves from. */
export interface CheckTiming {
  readonly intervalMs: number; // delay_loop
  readonly connectTimeoutMs: number;
  /** Attempts after a failure, before it counts. */
  readonly retries: number;
  readonly retryDelayMs: number;
  /** The first one comes within this time, at random. */
  readonly warmupMs: number;
  readonly alpha: boolean;
  readonly logAllFailures: boolean;
}

export interface CheckConnection {
  /** The server's own unless `connect_ip`, `connect_port` say otherwise. */
  readonly address: InetAddress;
  readonly from: { readonly ip: string; readonly port: number } | null;
  readonly interface: string | null;
  readonly mark: number | null;
}

export type L4Check = { readonly origin: Origin; readonly timing: CheckTiming } & (
  | { readonly kind: 'tcp' | 'ping'; readonly connection: CheckConnection }
  | HttpCheck
  | { readonly kind: 'smtp'; readonly connection: CheckConnection; readonly heloName: string }
  | {
      readonly kind: 'dns';
      readonly connection: CheckConnection;
      readonly type: DnsType;
      readonly name: string;
    }
  | {
      readonly kind: 'udp';
      readonly connection: CheckConnection;
      /** null: something arbitrary. */
      readonly payload: Uint8Array | null;
      readonly reply: UdpReply | null;
    }
  | {
      readonly kind: 'misc';
      readonly command: ScriptCommand;
      readonly timeoutMs: number;
      /** The exit status says the weight. */
      readonly isDynamic: boolean;
    }
  | {
      readonly kind: 'file';
      readonly file: string;
      readonly weight: number;
      readonly reverse: boolean;
    }
);

export type DnsType = (typeof DNS_TYPES)[number];
export const DNS_TYPES = ['A', 'NS', 'CNAME', 'SOA', 'MX', 'TXT', 'AAAA', 'RRSIG', 'DNSKEY'] as const;

export interface HttpCheck {
  readonly kind: 'http' | 'https';
  readonly connection: CheckConnection;
  readonly version: '1.0' | '1.0C' | '1.1';
  readonly urls: readonly CheckedUrl[];
  readonly fastRecovery: boolean;
}

export interface CheckedUrl {
  readonly path: string;
  /** null: the server's address. */
  readonly host: string | null;
  /** In the TLS handshake; null: none is sent. */
  readonly serverName: string | null;
  readonly statuses: readonly { readonly from: number; readonly to: number }[]; // default 200-299
  /** MD5 of the body, in hexadecimal digits. */
  readonly digest: string | null;
  readonly pattern: BodyPattern | null;
}

/** As pcreExpression (core/pcre.ts) reads it. */
export interface BodyPattern {
  readonly source: string;
  readonly flags: string;
  readonly mustMatch: boolean;
  /** Where a match may begin. */
  readonly fromByte: number;
  readonly toByte: number | null;
}

export interface UdpReply {
  readonly leastBytes: number;
  readonly mostBytes: number;
  /** Hexadecimal digits, `x` for any; '': anything. */
  readonly pattern: string;
}
