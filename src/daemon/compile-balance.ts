/** `balance` and `hash-type` as the data process runs them. */
import type { Proxy as ProxyModel } from '../config/model.ts';
import { HASH_CRC32, HASH_DJB2, HASH_SDBM, HASH_WT6, type HashPlan, type ProxyPlan } from '../proxy/plan.ts';

const FUNCTIONS = { sdbm: HASH_SDBM, djb2: HASH_DJB2, wt6: HASH_WT6, crc32: HASH_CRC32 } as const;

export function compileBalance(proxy: ProxyModel): Pick<ProxyPlan, 'balance' | 'hash'> {
  switch (proxy.balance) {
    case 'random':
      return { balance: 'random', hash: compileHash(proxy, 'nothing') };
    case 'source':
    case 'uri':
    case 'url_param':
    case 'hdr':
      return { balance: 'hash', hash: compileHash(proxy, proxy.balance) };
    case 'hash':
      return { balance: 'hash', hash: compileHash(proxy, 'sample') };
    default:
      return { balance: proxy.balance, hash: null };
  }
}

function compileHash(proxy: ProxyModel, by: HashPlan['by']): HashPlan {
  const { balanceArguments, hashType, hashBalanceFactor } = proxy;
  const { length, sample: _rules, ...rest } = balanceArguments;
  return {
    by,
    ...rest,
    lengthBytes: length,
    bodyMs: proxy.timeouts.httpRequestMs ?? 0,
    consistent: hashType.consistent,
    function: FUNCTIONS[hashType.function],
    avalanche: hashType.avalanche,
    balanceFactor: hashBalanceFactor,
  };
}
