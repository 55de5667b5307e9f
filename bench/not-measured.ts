/** Said with every result, so that nobody reads more into the numbers than is in them. */
export const NOT_MEASURED: readonly string[] = [
  'the network: client and server share one machine and its cores, over loopback',
  'an open loop (requests at a fixed rate), pauses, growth and fan-out: they have benchmarks of their own; here loops are closed, which flatters latency under overload',
  'TLS, authentication, chroots, several connections at once',
  'lists of 100,000 children, set of 64 KiB at depth 1024, delete, sync, and mixes other than four reads to one write',
  'an ensemble on machines of its own: its three servers share this one, the client is connected to a follower, disks are a temporary folder',
  'system calls other than reads and writes (no waiting), and memory allocated outside the JavaScript, Java or Go heap',
  'Node versions and machines other than the one named above, and client libraries other than those of Debian 12',
  "the compiler's share in npm zookeeper: its package builds libzookeeper without optimisation, and it was measured as installed",
];
