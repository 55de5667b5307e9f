/** Faults that a simulation draws from; in brackets their number in the fault catalogue. */
export const FAULT_KINDS = [
  /** [F1] both ends hear of a reset, some of what was under way arrives. */
  'reset',
  /** [F1, F40] the client alone hears of a reset; what it sent may arrive much later. */
  'half-open',
  /** [F2] nothing gets through between a client and a server, for a while. */
  'black-hole',
  /** [F2] nothing gets through in one direction. */
  'one-way',
  /** [F18] a client is cut off from all servers, for longer than its session lives, or shorter. */
  'partition',
  /** [F3] bytes come in tiny pieces. */
  'slices',
  /** [F16] everything takes longer. */
  'latency',
  /** [F5] the server closes in the middle of a frame. */
  'cut-frame',
  /** [F6, F8, F9, F12, F13] a server's answer is wrong. */
  'bad-frame',
  /** [F7] a pong, or a watch event, that nobody asked for. */
  'unasked',
  /** [F13, F29] the answer to a handshake is no answer. */
  'bad-handshake',
  /** [F14] the leader ends a session. */
  'expire',
  /** [F15, F16] a server falls behind the others. */
  'lag',
  /** [F16] a server is slow to read. */
  'slow-server',
  /** [F17] the leader steps down. */
  'election',
  /** [F17] a server's process ends, and comes back. */
  'kill',
  /** [F2, F17] a server's machine is gone without a word, and comes back. */
  'machine-gone',
  /** [F17] a server's process is stopped, and goes on. */
  'freeze',
  /** [F17, F29] a server is cut off from the other servers. */
  'isolate',
  /** [F18] no server is up. */
  'blackout',
  /** [F19] the wall clock jumps. */
  'wall-clock',
  /** [F20] the client's event loop is blocked. */
  'block',
  /** [F26] names cannot be resolved. */
  'resolver',
  /** [F26, F37] dials fail. */
  'dials-fail',
  /** [F30, F37] links come after their dial was given up. */
  'late-links',
  /** [F13] handshakes are closed without a byte. */
  'refuse-handshakes',
  /** [F35] the client's send buffer is full. */
  'clog',
  /** [F40] another server has the session. */
  'moved',
  /** [F41] requests are throttled. */
  'throttle',
  /** [F41] requests are refused with a number that nobody knows. */
  'unknown-code',
  /** [F22] many nodes change at once. */
  'storm',
  /** [F30, F31, F32] a client is closed, whatever it is doing, and another one opened. */
  'close',
  /** [F30, F21] a client leaves its session, which another one goes on with; xids may be near their end. */
  'detach',
  /** [F26] a client is given another list of servers. */
  'server-list',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];
