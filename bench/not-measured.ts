/** Said with every result, so that nobody reads more into the numbers than is in them. */
export const NOT_MEASURED: readonly string[] = [
  'the network: client and server share one machine and its cores, over loopback',
  'an open loop (requests at a fixed rate): under overload, closed loops flatter latency',
  'TLS, authentication, chroots, watches, reconnecting, several connections at once',
  'payloads over 1 KiB under load, create, delete, getChildren, multi, and mixes of reads and writes',
  'an ensemble: the real server is one standalone process, its disk is a temporary folder',
  'bytes allocated and system calls per operation, and pauses of garbage collection on their own',
  'Node versions and machines other than the one named above',
  "the compiler's share in npm zookeeper: its package builds libzookeeper without optimisation, and it was measured as installed",
];
