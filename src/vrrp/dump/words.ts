/** The words of keepalived's dumps that more than one of them uses: states, times, addresses, commands. Pure. */
import type { KernelEntry, ScriptCommand, VirtualAddress } from '../../config/pair-model.ts';
import type { Phase } from '../election-types.ts';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Who a command runs as; null: nobody can. */
export type AccountOf = (command: ScriptCommand) => Account | null;

export function stateWord(phase: Phase): string {
  switch (phase) {
    case 'init':
      return 'INIT';
    case 'backup':
      return 'BACKUP';
    case 'master':
    case 'leaving':
      return 'MASTER';
    case 'fault':
      return 'FAULT';
    case 'stopped':
      return 'STOP';
  }
}

/** keepalived's numbers for them, in its JSON. */
export function stateNumber(phase: Phase): number {
  switch (phase) {
    case 'init':
    case 'stopped':
      return 0;
    case 'backup':
      return 1;
    case 'master':
    case 'leaving':
      return 2;
    case 'fault':
      return 3;
  }
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `1795271915.974000 (Sat Nov 21 14:38:35.974000 2026)`, in local time. */
export function timeText(wallMs: number): string {
  const whole = Math.round(wallMs);
  const micros = `${String(whole % 1000).padStart(3, '0')}000`;
  const date = new Date(whole);
  const two = (number: number) => String(number).padStart(2, '0');
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const day = `${DAYS[date.getDay()]} ${MONTHS[date.getMonth()]} ${String(date.getDate()).padStart(2, ' ')}`;
  return `${Math.floor(whole / 1000)}.${micros} (${day} ${clock}.${micros} ${date.getFullYear()})`;
}

/** `set`: it is on the interface because of us. `base`: what a macvlan is on. */
export function addressText(address: VirtualAddress, set: boolean, base: string | null): string {
  const { ip, family, prefixLength, broadcast, device, scope, label, peer } = address;
  const single = prefixLength === (family === 4 ? 32 : 128);
  const words = [peer !== null || single ? ip : `${ip}/${prefixLength}`];
  if (broadcast !== null) words.push('brd', broadcast);
  words.push('dev', base === null ? device : `${device}@${base}`, 'scope', String(scope ?? 'global'));
  if (label !== null) words.push('label', label);
  if (peer !== null) words.push('peer', `${peer.ip}/${peer.prefixLength}`);
  if (address.home) words.push('home');
  if (address.noDad) words.push('-nodad');
  if (address.mngTmpAddr) words.push('mngtmpaddr');
  if (address.noPrefixRoute) words.push('noprefixroute');
  if (address.autoJoin) words.push('autojoin');
  if (address.noTrack) words.push('no_track');
  if (family === 6) words.push(lifetimeText(address.preferredLifetimeS));
  if (set) words.push('set');
  return words.join(' ');
}

function lifetimeText(preferredS: number | 'forever'): string {
  return preferredS === 0 ? 'deprecated' : `preferred_lft ${preferredS}`;
}

export function entryText({ words }: KernelEntry): string {
  return words.join(' ');
}

/** `'/usr/bin/true' 'x'` */
export function commandText({ argv }: ScriptCommand): string {
  return argv.map((word) => `'${word}'`).join(' ');
}

export function accountText(command: ScriptCommand, accountOf: AccountOf): string {
  const account = accountOf(command);
  return account === null ? 'uid:gid unknown' : `uid:gid ${account.uid}:${account.gid}`;
}

export function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}

export function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
