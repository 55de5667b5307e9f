/** Turns at most: as many as connections wait for one listener at most (Linux: 4096), and some. */
const TURNS_MAX = 5000;

/**
 * Runs something when what lay in the sockets has been read. After an event loop that was blocked
 * the timers come first, while what clients have sent lies in the kernel. The next turn reads all
 * sockets, but takes only one new connection (libuv 1.45 and later): clients that came back are read
 * when a turn has brought nobody any more.
 *
 * `accepted` counts connections that have come so far.
 */
export function afterReads(run: () => void, accepted: () => number): void {
  let turns = 0;
  let before = accepted();
  const turn = (): void => {
    const now = accepted();
    if (now === before || ++turns === TURNS_MAX) {
      run();
      return;
    }
    before = now;
    setImmediate(turn);
  };
  // Whoever came in the turn before this one is read in this one.
  setImmediate(() => setImmediate(turn));
}
