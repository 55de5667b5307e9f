import { OP } from '../../codec/index.ts';

/** How `cons` names the operation that was answered last. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [OP.ping, 'PING'],
  [OP.createSession, 'SESS'],
  [OP.multi, 'MULT'],
  [OP.multiRead, 'MLTR'],
  [OP.create, 'CREA'],
  [OP.create2, 'CREA'],
  [OP.createTTL, 'CREA'],
  [OP.createContainer, 'CREA'],
  [OP.delete, 'DELE'],
  [OP.deleteContainer, 'DELE'],
  [OP.setData, 'SETD'],
  [OP.reconfig, 'RECO'],
  [OP.setACL, 'SETA'],
  [OP.closeSession, 'CLOS'],
  [OP.sync, 'SYNC'],
  [OP.check, 'CHEC'],
  [OP.exists, 'EXIS'],
  [OP.getData, 'GETD'],
  [OP.setWatches, 'SETW'],
  [OP.setWatches2, 'STW2'],
  [OP.addWatch, 'ADDW'],
  [OP.getACL, 'GETA'],
  [OP.getChildren, 'GETC'],
  [OP.getChildren2, 'GETC'],
  [OP.getAllChildrenNumber, 'GETACN'],
  [OP.checkWatches, 'CHKW'],
  [OP.removeWatches, 'REMW'],
  [OP.whoAmI, 'HOMI'],
  [OP.getEphemerals, 'GETE'],
]);

/** `GETD` for getData, and so on; `NA` for what has no name. */
export function lastOperation(op: number): string {
  return NAMES.get(op) ?? 'NA';
}
