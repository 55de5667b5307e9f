/** `zkwire/transport`: byte links. No protocol knowledge beyond bytes. */
export type { ByteLink, LinkHandler } from './byte-link.ts';
export { ReceiveWindow } from './receive-window.ts';
export { SocketLink } from './socket-link.ts';
export { type DialOptions, dial, formatHost, linkOverSocket } from './tcp-link.ts';
