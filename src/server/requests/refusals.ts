import { OP, SERVER_CODE } from '../../codec/index.ts';
import type { ErrorTxn } from '../tree/txn.ts';

/** One object for each code: whoever floods a server with what it refuses should not cost it garbage. */
const BY_CODE: ReadonlyMap<number, ErrorTxn> = new Map(
  Object.values(SERVER_CODE).map((code) => [code, Object.freeze({ type: OP.error, code })]),
);

/** The transaction of a request that is refused with `code`, which the protocol knows. */
export function refusal(code: number): ErrorTxn {
  return BY_CODE.get(code) ?? { type: OP.error, code };
}
