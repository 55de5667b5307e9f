import { OP, SERVER_CODE } from '../../codec/index.ts';
import type { Txn } from '../tree/txn.ts';
import { prepareMulti } from './prepare-multi.ts';
import { prepareSetAcl, prepareStep } from './prepare-step.ts';
import { refusal } from './refusals.ts';
import type { Requester, WriteContext, WriteRequest } from './write-request.ts';

export type { Requester, WriteContext, WriteRequest };

const { UNIMPLEMENTED, BADARGUMENTS, RECONFIGDISABLED } = SERVER_CODE;

/**
 * What a write request becomes: the transaction that makes its change, or one of type `error` with
 * the code that it is refused with. Nothing is changed here, and the request takes a zxid either way.
 * Data are copied out of what the request lends once it has passed its checks.
 *
 * Two requests that servers in wide use do not survive get -8 instead: `check` outside a multi, and
 * `createTTL` with a mode that has no TTL. -8, since it is the arguments that make no sense, and since
 * clients take -6 for the end of their connection.
 */
export function prepare(context: WriteContext, requester: Requester, request: WriteRequest): Txn {
  switch (request.op) {
    case OP.setACL:
      return prepareSetAcl(context, context.tree, requester, request);
    case OP.multi:
      return prepareMulti(context, requester, request.operations);
    case OP.reconfig:
      return refusal(context.options.reconfigEnabled ? UNIMPLEMENTED : RECONFIGDISABLED);
    case OP.check:
      return refusal(BADARGUMENTS);
    case OP.deleteContainer:
      // For the server itself. 3.8 never understands a client's; 3.9 deletes without looking at ACLs.
      return refusal(BADARGUMENTS);
    default:
      return prepareStep(context, context.tree, requester, request);
  }
}
