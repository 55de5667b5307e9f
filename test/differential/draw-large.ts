import { OP } from '../../src/codec/index.ts';
import { FRAME_BODY_BYTES_MAX } from '../../src/limits.ts';
import type { Random } from '../simulation/random.ts';
import { type Field, MULTI_END, OPEN_ACL, type RequestPlan } from './step.ts';

/** A request as long as one may be, or nearly. */
export function largestRequest(random: Random, path: string): RequestPlan {
  const name: Field = ['s', path];
  const filled: Field[] = [name, ['u', FRAME_BODY_BYTES_MAX], ['i', -1]];
  const room: Field = ['u', FRAME_BODY_BYTES_MAX - MULTI_END_BYTES];
  const inMulti: Field[] = [['i', OP.setData], ['t', false], ['i', -1], name, room, ['i', -1]];
  const nearly: Field = ['f', FRAME_BODY_BYTES_MAX - 200];
  return random.pick<RequestPlan>([
    { op: OP.setData, parts: [filled] },
    { op: OP.setData, parts: [filled] },
    { op: OP.multi, parts: [inMulti, MULTI_END] },
    { op: OP.create2, parts: [[['s', `${path}/large`], nearly, ...OPEN_ACL, ['i', 0]]] },
    // Bytes in the place of a path, which is then none.
    { op: OP.exists, parts: [[nearly, ['t', true]]] },
    { op: OP.addWatch, parts: [[nearly, ['i', 1]]] },
    { op: OP.sync, parts: [[nearly]] },
    { op: OP.sasl, parts: [[nearly]] },
    { op: OP.auth, xid: -4, parts: [[['i', 0], ['s', 'digest'], nearly]] },
  ]);
}

/** One by a byte too long: it ends the connection. */
export function tooLargeRequest(random: Random, path: string): RequestPlan {
  const op = random.pick([OP.setData, OP.create, OP.getData, OP.ping]);
  const fields: readonly Field[] = [
    ['s', path],
    ['u', FRAME_BODY_BYTES_MAX + 1],
    ['i', -1],
  ];
  return { op, parts: [fields], closes: true };
}

const MULTI_END_BYTES = 9;
