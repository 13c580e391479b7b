/** What is wrong between blocks: two instances with one VRID, one address in two instances, mails to nobody. */
import type { PairModel, VrrpInstance } from '../pair-model.ts';
import type { Loading } from './loading.ts';
import type { Statement } from './statement.ts';

export function checkBetween(loading: Loading, model: PairModel): void {
  checkVrids(loading, model);
  checkSharedAddresses(loading, model);
  checkUnused(loading, model);
  checkMail(loading, model);
  checkWatchedProxy(loading);
}

function checkVrids(loading: Loading, { instances }: PairModel): void {
  for (const [index, instance] of instances.entries()) {
    const other = instances.slice(0, index).find((before) => sameRouter(before, instance));
    if (other === undefined || instance.virtualRouterId === 0) continue;
    const draft = loading.instances[index];
    const place = draft?.said.get('virtual_router_id') ?? draft?.statement;
    const { virtualRouterId: vrid, interface: name, family } = instance;
    const message = `'${other.name}' has virtual_router_id ${vrid} on ${name} for IPv${family} too`;
    place?.error(1, 'repeated-vrid', message, 'each instance on a link needs a number of its own');
  }
}

/** Adverts of the one would be taken for adverts of the other. */
function sameRouter(a: VrrpInstance, b: VrrpInstance): boolean {
  if (a.virtualRouterId !== b.virtualRouterId || a.family !== b.family) return false;
  const one = a.transport;
  const two = b.transport;
  if (one.kind === 'multicast' && two.kind === 'multicast') {
    return a.interface === b.interface && one.group === two.group;
  }
  if (one.kind === 'multicast' || two.kind === 'multicast' || a.sourceIp !== b.sourceIp) return false;
  return one.peers.some(({ ip }) => two.peers.some((peer) => peer.ip === ip));
}

function checkSharedAddresses(loading: Loading, { instances }: PairModel): void {
  const owners = new Map<string, string>();
  for (const [index, { name, addresses, excludedAddresses }] of instances.entries()) {
    for (const { ip, device } of [...addresses, ...excludedAddresses]) {
      const key = `${ip} ${device}`;
      const other = owners.get(key);
      if (other === undefined || other === name) owners.set(key, name);
      else {
        const message = `${ip} is an address of '${other}' already: whoever leaves takes it from the other`;
        lineOf(loading, index, ip)?.warning(0, 'shared-address', message);
      }
    }
  }
}

function lineOf(loading: Loading, index: number, ip: string): Statement | undefined {
  const draft = loading.instances[index];
  return [...(draft?.addresses ?? []), ...(draft?.excluded ?? [])].find((address) => address.ip === ip)?.statement;
}

function checkUnused(loading: Loading, { instances, syncGroups }: PairModel): void {
  const used = new Set(
    [...loading.instances, ...loading.syncGroups].flatMap(({ scripts }) => scripts.map(({ name }) => name)),
  );
  if (instances.length + syncGroups.length === 0) return;
  for (const { name, statement } of loading.scripts) {
    if (!used.has(name)) statement.warning(1, 'unused-name', `nothing tracks the script '${name}': it does not run`);
  }
}

function checkMail({ global }: Loading, model: PairModel): void {
  const wanted = [...model.instances, ...model.syncGroups].some(({ smtpAlert }) => smtpAlert);
  if (!wanted || (global.smtpServer !== null && global.recipients.length > 0)) return;
  const lacks = global.smtpServer === null ? 'smtp_server' : 'notification_email';
  const place = global.said.get('smtp_alert') ?? global.statement;
  place.warning(0, 'mail-to-nobody', `smtp_alert is on, but there is no ${lacks}: no mail is sent`);
}

const OWN_CHECK = 'ask for the name haproxy alone; or leave it out where tandem runs the proxies (track_data_process)';
const LOOKERS: readonly string[] = ['killall', 'pidof', 'pgrep', 'pkill'];

/** Our data process is called haproxy (src/proxy/data-process.ts); who asks for more than the name finds only haproxy itself. */
function checkWatchedProxy({ scripts, processes }: Loading): void {
  for (const { command, name, said } of scripts) {
    const [program = '', ...words] = command?.argv ?? [];
    const asked = LOOKERS.includes(baseName(program)) ? words.find((word) => baseName(word) === 'haproxy') : undefined;
    // A path, and pgrep -f, ask how it was started.
    const byName = asked === 'haproxy' && !words.some((word) => /^-\w*f/.test(word));
    if (asked !== undefined && !byName) warnOfPath(said.get('script'), name);
  }
  for (const { statement, value } of processes) {
    if (baseName(value.process[0] ?? '') === 'haproxy' && value.match !== 'name') warnOfPath(statement, value.name);
  }
}

function warnOfPath(place: Statement | undefined, name: string): void {
  const message = `'${name}' looks for the command line of haproxy, which tandem's data process does not have`;
  place?.warning(1, 'watches-haproxy', message, OWN_CHECK);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
