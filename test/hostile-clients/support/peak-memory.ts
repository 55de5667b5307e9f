/** Watches the resident memory of this process; gives how far it has grown at most, in bytes. */
export function watchPeakMemory(): () => number {
  const startBytes = process.memoryUsage.rss();
  let mostBytes = startBytes;
  const look = (): void => {
    mostBytes = Math.max(mostBytes, process.memoryUsage.rss());
  };
  const timer = setInterval(look, 20);
  return () => {
    clearInterval(timer);
    look();
    return mostBytes - startBytes;
  };
}
