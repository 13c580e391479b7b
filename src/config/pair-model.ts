/**
 * The pair's model: what a keepalived.conf means, typed and immutable.
 *
 *   keepalived.conf ──▶ statements ──▶ blocks ──▶ PAIR MODEL ──▶ src/vrrp (election), src/netlink (addresses), src/daemon
 *
 * keepalived's defaults are applied and inheritance is resolved: an instance holds its own values whether they were written
 * in it or in `global_defs`. Units are in the names (Ms, Cs: centiseconds, S: seconds); `null` means "not configured and
 * no default". Nothing here knows about interfaces that exist: names are names.
 *
 * Not here: reading the file (keepalived/load.ts), what a proxy is (model.ts).
 */
import type { InetAddress } from '../core/address.ts';
import type { L4Settings, VirtualServer } from './l4-model.ts';
import type { Origin, StatsSocket } from './model.ts';

export type IpFamily = 4 | 6;

/** A program with its arguments, started without a shell. `user`/`group` null: as this process is (root). */
export interface ScriptCommand {
  readonly origin: Origin;
  /** At least one word; the first is a path or a name to look for in PATH. */
  readonly argv: readonly string[];
  /** From the command itself, else `script_user`; null: nothing was configured (keepalived_script if it exists, else root). */
  readonly user: string | null;
  readonly group: string | null;
}

/**
 * What runs at a transition. keepalived's arguments: `notify` gets `INSTANCE|GROUP NAME STATE PRIORITY` appended, the others
 * run as written.
 */
export interface NotifyScripts {
  readonly master: ScriptCommand | null;
  readonly backup: ScriptCommand | null;
  readonly fault: ScriptCommand | null;
  readonly stop: ScriptCommand | null;
  readonly deleted: ScriptCommand | null;
  /** `notify`: after the one for the state. */
  readonly general: ScriptCommand | null;
  /** `notify_master_rx_lower_pri`: a master heard an advert of lower priority. Only instances. */
  readonly masterHeardLower: ScriptCommand | null;
  /** `notify_priority_changes`: `general` runs for these too. */
  readonly onPriorityChange: boolean;
}

export interface MailSettings {
  readonly recipients: readonly string[];
  /** Default: `keepalived@HOSTNAME`. */
  readonly from: string;
  /** null: no `smtp_server`, no mail is sent. */
  readonly server: { readonly host: string; readonly port: number } | null;
  readonly connectTimeoutMs: number;
  /** null: the host's own name. */
  readonly heloName: string | null;
  /** `no_email_faults`: none for FAULT. */
  readonly noFaults: boolean;
}

export type AddressScope = 'global' | 'site' | 'link' | 'host' | 'nowhere' | number;

/** One line of `virtual_ipaddress`, of `virtual_ipaddress_excluded` or of `static_ipaddress`. */
export interface VirtualAddress {
  readonly origin: Origin;
  readonly family: IpFamily;
  readonly ip: string;
  /** 32 or 128 when no mask was written. */
  readonly prefixLength: number;
  /** Resolved: the instance's interface (or its VMAC, see VrrpInstance.vmac) when the line has no `dev`. */
  readonly device: string;
  /** Whether the line itself says `dev`. */
  readonly ownDevice: boolean;
  readonly scope: AddressScope | null;
  readonly label: string | null;
  readonly broadcast: string | null;
  /** Point-to-point: the far end; `prefixLength` then belongs to it. */
  readonly peer: { readonly ip: string; readonly prefixLength: number } | null;
  readonly home: boolean;
  /** `-nodad` */
  readonly noDad: boolean;
  readonly mngTmpAddr: boolean;
  readonly noPrefixRoute: boolean;
  readonly autoJoin: boolean;
  /** `no_track`: losing it by another's hand is not our business. */
  readonly noTrack: boolean;
  /** `preferred_lft`; 'forever' is the default (for /128: 0 in keepalived, which means "never a source address"). */
  readonly preferredLifetimeS: number | 'forever';
}

/** A route or a rule in the words of `ip route` / `ip rule`, keepalived's own words (`no_track`, `track_group`) taken out. */
export interface KernelEntry {
  readonly origin: Origin;
  readonly family: IpFamily;
  /** To be put behind `ip -4|-6 route replace` or `ip -4|-6 rule add`. */
  readonly words: readonly string[];
  /** The interface it goes through, null when none is named. */
  readonly device: string | null;
  readonly noTrack: boolean;
}

export interface Authentication {
  readonly type: 'PASS';
  /** At most 8 bytes of UTF-8; a longer one has been cut, with a warning, as in keepalived. */
  readonly password: string;
}

export interface UnicastPeer {
  readonly origin: Origin;
  readonly ip: string;
  /** Adverts with a TTL outside of these are dropped. */
  readonly minTtl: number;
  readonly maxTtl: number;
}

export type Transport =
  | { readonly kind: 'multicast'; readonly group: string }
  | {
      readonly kind: 'unicast';
      readonly peers: readonly UnicastPeer[];
      /** What we send with. Default 255. */
      readonly ttl: number;
      readonly faultWithoutPeer: boolean;
    };

/** `weight 0`: its failure is a FAULT; otherwise the weight is added while fine (> 0) or subtracted while not (< 0). */
export interface Track {
  readonly origin: Origin;
  readonly name: string;
  /** -253..253 (files: -2147483647..), resolved: given here, or the tracked thing's own. */
  readonly weight: number;
  /** `reverse`: failure and success change places. */
  readonly reverse: boolean;
}

/** When gratuitous ARP and unsolicited NA are sent. */
export interface AnnounceSettings {
  /** Seconds after becoming master until the second volley; 0: no second volley. Default 5 s. */
  readonly masterDelayMs: number;
  /** Packets per address in a volley. Default 5. */
  readonly masterRepeat: number;
  /** Again every so often while master; 0: off. Default 1 s (per 20 addresses); keepalived's is off. */
  readonly refreshMs: number;
  readonly refreshRepeat: number;
  /** After hearing an advert of lower priority. Default: as for master. */
  readonly lowerPrioDelayMs: number;
  readonly lowerPrioRepeat: number;
  /** Least distance of two packets on an interface, 0: none. */
  readonly garpIntervalMs: number;
  readonly gnaIntervalMs: number;
}

export interface VmacSettings {
  /** Name of the macvlan: given, or `vrrp.VRID` (IPv6: `vrrp6.VRID` when both families use the VRID). */
  readonly name: string;
  /** null: 00:00:5e:00:01:VRID (IPv6: 02). */
  readonly macAddress: string | null;
  /** Adverts leave from the base interface. */
  readonly transmitOnBase: boolean;
  /** `use_vmac_addr`: addresses with a `dev` of their own get a VMAC there as well. */
  readonly forAddresses: boolean;
}

/** `track_proxy NAME [weight N]`: the named frontend or listen of haproxy.cfg has its listeners open and answers. */
export interface ProxyTrack {
  readonly origin: Origin;
  readonly name: string;
  readonly weight: number;
}

/** `track_backend NAME [min_up N] [weight N]`: at least N servers of that backend are up. */
export interface BackendTrack {
  readonly origin: Origin;
  readonly name: string;
  readonly minUp: number;
  readonly weight: number;
}

/** `track_virtual_server IP PORT|fwmark N|group NAME [weight N]`: that virtual server has its quorum on this box. */
export interface VirtualServerTrack {
  readonly origin: Origin;
  /** As VirtualServer has them: of those with one name, no two are of one family. */
  readonly name: string;
  readonly family: IpFamily;
  readonly weight: number;
}

/** `http ADDRESS [admin]`: the web server of the control process listens there, too. */
export interface HttpListen {
  readonly origin: Origin;
  readonly address: InetAddress;
  /** Servers and addresses may be changed there. */
  readonly admin: boolean;
}

/** Our own `tandem { }` block, resolved for one instance: its own block, else the one at top level, else the defaults. */
export interface TandemSettings {
  /** `lease SECONDS|off`: lifetime that addresses are added and renewed with. Whole seconds in ms; null: off. */
  readonly leaseMs: number | null;
  /**
   * `track_data_process on|off [weight N] [grace SECONDS]`: data process alive and its threads' loops turning. null: off. Without
   * a block it is on with weight 0 (FAULT); it has an effect only where proxies run at all.
   */
  readonly dataProcess: { readonly weight: number; readonly graceMs: number } | null;
  readonly proxies: readonly ProxyTrack[];
  readonly backends: readonly BackendTrack[];
  readonly virtualServers: readonly VirtualServerTrack[];
}

export interface VrrpInstance {
  readonly origin: Origin;
  readonly name: string;
  readonly interface: string;
  /** `state`: a wish only; it changes nothing but the meaning of nopreempt (and an owner starts as master anyway). */
  readonly wantedState: 'MASTER' | 'BACKUP';
  readonly virtualRouterId: number;
  readonly version: 2 | 3;
  /** The family of the adverts: that of the first address, or of the unicast addresses. */
  readonly family: IpFamily;
  /** 1..255; 255 is the owner. */
  readonly priority: number;
  /** Version 2: whole seconds, 100..25500. Version 3: 1..4095. */
  readonly advertIntervalCs: number;
  readonly authentication: Authentication | null;

  /** In the order of the file: what the adverts list. All of `family`. */
  readonly addresses: readonly VirtualAddress[];
  /** Set with the others but not in the adverts; of either family. */
  readonly excludedAddresses: readonly VirtualAddress[];
  readonly routes: readonly KernelEntry[];
  readonly rules: readonly KernelEntry[];
  readonly promoteSecondaries: boolean;

  readonly transport: Transport;
  /** `unicast_src_ip` or `mcast_src_ip`; null: the interface's primary address. */
  readonly sourceIp: string | null;
  /** `track_src_ip`: FAULT while the interface lacks it. */
  readonly trackSourceIp: boolean;

  readonly trackInterfaces: readonly Track[];
  readonly trackScripts: readonly Track[];
  readonly trackProcesses: readonly Track[];
  readonly trackFiles: readonly Track[];
  /** Faults of `interface` itself do not matter. */
  readonly dontTrackPrimary: boolean;
  readonly tandem: TandemSettings;

  /** false: nopreempt. Already true where keepalived ignores nopreempt (`state MASTER`). */
  readonly preempt: boolean;
  /** How long a higher priority waits before it takes over, 0..1000 s. */
  readonly preemptDelayMs: number;
  readonly vmac: VmacSettings | null;
  readonly nativeIpv6: boolean;

  readonly announce: AnnounceSettings;
  /** A master that hears a higher priority sends one last advert before it leaves. Default true; keepalived's is false. */
  readonly higherPrioSendAdvert: boolean;
  /** A master that hears a lower priority does not answer with an advert. */
  readonly lowerPrioNoAdvert: boolean;
  /** How many intervals without advert mean that the master is down. Default 3. */
  readonly downTimerAdverts: number;
  /** Adverts of the same master with the same list are not checked again. */
  readonly skipCheckAdvertAddresses: boolean;
  readonly checkUnicastSource: boolean;
  /** Version 3, IPv4: checksum without pseudo-header (RFC 9568) is sent. Both are accepted. */
  readonly v3ChecksumAsV2: boolean;
  readonly strict: boolean;
  /** false: packets to the addresses are not to be accepted (`no_accept`). */
  readonly accept: boolean;

  readonly notify: NotifyScripts;
  readonly smtpAlert: boolean;
  /** Name of the sync group it is in. */
  readonly syncGroup: string | null;
  readonly debug: boolean;
}

export interface VrrpSyncGroup {
  readonly origin: Origin;
  readonly name: string;
  /** Names of instances, all of them there. */
  readonly members: readonly string[];
  readonly trackInterfaces: readonly Track[];
  readonly trackScripts: readonly Track[];
  readonly trackProcesses: readonly Track[];
  readonly trackFiles: readonly Track[];
  readonly notify: NotifyScripts;
  readonly smtpAlert: boolean;
  /** `sync_group_tracking_weight`: members may have weights other than 0. */
  readonly trackingWeight: boolean;
}

export interface VrrpScript {
  readonly origin: Origin;
  readonly name: string;
  readonly command: ScriptCommand;
  readonly intervalMs: number; // default 1 s
  readonly timeoutMs: number; // default: the interval
  readonly weight: number; // default 0
  readonly reverse: boolean;
  readonly rise: number; // default 1
  readonly fall: number; // default 1
  /** `init_fail`: down until it succeeded; otherwise keepalived takes it for up until the first result. */
  readonly initFail: boolean;
}

export interface TrackedProcess {
  readonly origin: Origin;
  readonly name: string;
  /** The program's name (or path), and its parameters when `full_command` or `param_match` asked for them. */
  readonly process: readonly string[];
  readonly match: 'name' | 'full-command';
  readonly parameterMatch: 'exact' | 'partial' | 'initial' | null;
  readonly weight: number; // default 0
  readonly reverse: boolean;
  readonly quorum: number; // default 1
  /** More than this is a failure too; null: no limit. */
  readonly quorumMax: number | null;
  readonly riseDelayMs: number; // fork_delay, or delay
  readonly fallDelayMs: number; // terminate_delay, or delay
}

export interface TrackedFile {
  readonly origin: Origin;
  readonly name: string;
  readonly path: string;
  readonly weight: number; // default 1
  readonly reverse: boolean;
  /** `init_file [VALUE] [overwrite]`: made at start; null: not asked for. */
  readonly initial: { readonly value: number; readonly overwrite: boolean } | null;
}

export interface PairGlobal {
  readonly routerId: string; // default: the host's name
  readonly scriptUser: { readonly user: string; readonly group: string | null } | null;
  readonly scriptSecurity: boolean;
  readonly mail: MailSettings;
  readonly defaultInterface: string;
  /** Instances may name interfaces that are not there yet. */
  readonly dynamicInterfaces: boolean;
  /** Adverts are neither sent nor judged before this has passed since the start. */
  readonly startupDelayMs: number;
  /** The same, counted from the boot of the machine. */
  readonly delayAfterBootMs: number;
  readonly mcastGroup4: string;
  readonly mcastGroup6: string;
  /** SCHED_RR priority, null: ordinary scheduling. */
  readonly realtimePriority: number | null;
  /** nice value, null: unchanged. */
  readonly processPriority: number | null;
  readonly noSwap: boolean;
  /** Every change is written to each of these, one line each (`notify_fifo`, `vrrp_notify_fifo`). */
  readonly notifyFifos: readonly NotifyFifo[];
  /** The same for virtual servers and their real servers (`notify_fifo`, `lvs_notify_fifo`). */
  readonly lvsNotifyFifos: readonly NotifyFifo[];
  /** A mail whenever a check changes; false (`no_checker_emails`): only when its real server does, too. */
  readonly checkerMails: boolean;
  /** `rs_init_notifies`: notifiers of real servers run at the start, too. */
  readonly rsInitNotifies: boolean;
  /** Adverts with a VRID that the interface has no instance for are logged. */
  readonly logUnknownVrids: boolean;
  readonly reloadCheckConfig: boolean;
  readonly startupScript: ScriptCommand | null;
  readonly startupScriptTimeoutMs: number; // default 10 s
  readonly shutdownScript: ScriptCommand | null;
  readonly shutdownScriptTimeoutMs: number;
}

export interface NotifyFifo {
  readonly origin: Origin;
  readonly path: string;
  readonly user: string | null;
  readonly group: string | null;
  /** Started by us; the path of the FIFO is its last argument. */
  readonly script: ScriptCommand | null;
}

export interface PairModel {
  readonly global: PairGlobal;
  readonly instances: readonly VrrpInstance[];
  readonly syncGroups: readonly VrrpSyncGroup[];
  readonly scripts: readonly VrrpScript[];
  readonly trackedProcesses: readonly TrackedProcess[];
  readonly trackedFiles: readonly TrackedFile[];
  readonly staticAddresses: readonly VirtualAddress[];
  readonly staticRoutes: readonly KernelEntry[];
  readonly staticRules: readonly KernelEntry[];
  readonly virtualServers: readonly VirtualServer[];
  readonly l4: L4Settings;
  /** The `tandem { }` block at top level with its defaults; each instance holds its own resolved copy. */
  readonly tandem: TandemSettings;
  readonly http: readonly HttpListen[];
  /** `socket PATH …`: stats sockets, beside those of haproxy.cfg. */
  readonly sockets: readonly StatsSocket[];
}
