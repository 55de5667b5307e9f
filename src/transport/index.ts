/// <reference types="node" preserve="true" />
/** `zkwire/transport`: byte links. No protocol knowledge beyond bytes. */
export type { ByteLink, LinkHandler } from './byte-link.ts';
export type { FaultClock } from './fault-lane.ts';
export { type FaultyLink, type FaultyLinkOptions, faultyLink } from './faulty-link.ts';
export type { ByteFaults, LinkFaults } from './link-faults.ts';
export { LinkReceiver } from './link-receiver.ts';
export {
  type AcceptLink,
  dialInMemory,
  isMemoryHost,
  listenInMemory,
  MEMORY_PREFIX,
} from './memory-endpoints.ts';
export {
  type MemoryLinkEnd,
  type MemoryLinkOptions,
  type MemoryLinkPair,
  memoryLinkPair,
} from './memory-link.ts';
export { ReceiveWindow } from './receive-window.ts';
export { SocketLink } from './socket-link.ts';
export {
  type DialOptions,
  dial,
  formatHost,
  linkOverSocket,
  type SocketLinkOptions,
} from './tcp-link.ts';
