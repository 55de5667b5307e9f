import type { SimSocket } from '../network/sim-socket.ts';

/** The server's end of a connection. */
export type ServerSocket = Pick<
  SimSocket,
  | 'ordinal'
  | 'ended'
  | 'grantedSession'
  | 'grantedLines'
  | 'loggedIn'
  | 'armed'
  | 'unexecuted'
  | 'serverWrite'
  | 'serverClose'
  | 'reset'
  | 'vanish'
>;
