/** `lb_kind`, `lvs_method`: how packets reach a server. */
import type { Forwarding } from '../../l4-model.ts';
import type { Statement } from '../statement.ts';

/** null: reported. */
export function readForwarding(s: Statement): Forwarding | null {
  const word = s.text(1);
  if (word === 'NAT' || word === 'DR') {
    if (!s.has(2)) return word;
    s.error(2, 'extra-argument', `'${word}' takes no '${s.text(2)}'`);
  } else if (word === 'TUN')
    s.error(
      1,
      'unsupported-value',
      'tunnels are not supported',
      'DR where the servers are on the same network, else NAT',
    );
  else s.error(1, 'bad-value', `there is no way of forwarding called '${word}'`, 'NAT or DR');
  return null;
}
