/** Addresses of an instance: one family in the adverts, each with the interface it goes to. */
import type { IpFamily, VirtualAddress } from '../pair-model.ts';
import type { AddressDraft } from './address-line.ts';
import type { InstanceDraft } from './instance-draft.ts';

export interface InstanceAddresses {
  readonly addresses: readonly VirtualAddress[];
  readonly excludedAddresses: readonly VirtualAddress[];
}

/** What fits into a packet of 1500 bytes, and into the 8 bits of its counter. */
const MOST: Readonly<Record<IpFamily, number>> = { 4: 255, 6: 89 };

export function buildAddresses(draft: InstanceDraft, family: IpFamily, device: string): InstanceAddresses {
  const advertised = draft.addresses.filter((address) => isOfFamily(address, family, draft));
  const most = MOST[family];
  if (advertised.length > most) {
    const message = `an advert has room for ${most} addresses; the ${advertised.length - most} after that are set all the same`;
    advertised[most]?.statement.warning(0, 'too-many-addresses', message, 'virtual_ipaddress_excluded');
  }
  warnAboutMasks([...draft.addresses, ...draft.excluded]);
  const excluded = [...advertised.slice(most), ...draft.excluded];
  return {
    addresses: advertised.slice(0, most).map((address) => finishAddress(address, device)),
    excludedAddresses: excluded.map((address) => finishAddress(address, device)),
  };
}

function isOfFamily({ ip, family, statement }: AddressDraft, wanted: IpFamily, draft: InstanceDraft): boolean {
  if (family === wanted) return true;
  const message = `${ip} is IPv${family}, the adverts of '${draft.name}' are IPv${wanted}`;
  statement.error(0, 'mixed-families', message, 'virtual_ipaddress_excluded, or an instance of its own');
  return false;
}

/** One warning an instance: a list without masks has the same mistake in each line. */
function warnAboutMasks(addresses: readonly AddressDraft[]): void {
  const without = addresses.filter(({ maskWritten }) => !maskWritten);
  const [first] = without;
  if (first === undefined) return;
  const length = first.family === 4 ? 32 : 128;
  const others = without.length === 1 ? '' : ` (and ${without.length - 1} more)`;
  const message = `${first.ip}${others} has no mask and becomes a /${length}`;
  const hint = `write ${first.ip}/${length} if that is meant, else the mask of its subnet`;
  first.statement.warning(0, 'missing-mask', message, hint);
}

export function finishAddress(draft: AddressDraft, device: string): VirtualAddress {
  const { statement: _statement, maskWritten: _maskWritten, ownDevice, ...address } = draft;
  return { ...address, device: ownDevice ?? device, ownDevice: ownDevice !== null };
}
