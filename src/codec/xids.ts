/** Reserved transaction ids and the rule for the next ordinary one. */

/** A watch event, sent by the server on its own. */
export const XID_NOTIFICATION = -1;

/** Ping and its answer. The server answers -2 whatever xid the ping had. */
export const XID_PING = -2;

/** An auth packet. Servers echo any xid here, but every known client sends -4. */
export const XID_AUTH = -4;

/** setWatches as the C client sends it. The Java client gives setWatches an ordinary xid. */
export const XID_SET_WATCHES = -8;

/** The largest xid: 32-bit signed on the wire. */
export const XID_MAX: number = 2 ** 31 - 1;

/**
 * The xid after `xid`: 1 to 2^31-1, then 1 again.
 *
 * Never 0: servers before 3.6 count a request with xid 0 as outstanding for ever (ZOOKEEPER-3650).
 * Never negative: those are reserved. Anything that is no ordinary xid starts over at 1.
 */
export function nextXid(xid: number): number {
  return xid > 0 && xid < XID_MAX ? xid + 1 : 1;
}
