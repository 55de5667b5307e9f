/** Said by people; everything else on the page comes from the results. */

export const SCOPE = {
  lead: 'zkwire beside a bare socket and the ZooKeeper clients of today: one client, one connection, one server, on one machine.',
  points: [
    'Against the null responder, which answers premade replies at once, the client is what is measured. Against a real ZooKeeper the server usually is the limit, and clients differ less.',
    'If you do a few hundred operations a second, none of this matters to you: any client is fast enough, and your server is what takes the time.',
    'It is no statement about a network, about other machines, or about what your service does with the replies. Ratios carry over better than digits.',
    'The bare socket is in every comparison: it is what Node and the kernel allow: the ceiling of throughput and the floor of latency, but for the noise of the machine.',
    'Every case that was run is here. Where zkwire is slower than something else, or misses what it was to reach, it stays and is marked.',
  ],
} as const;

export const METHOD: readonly string[] = [
  'One client a process: every turn of every case is a process of its own that loads one client, connects, checks an answer, warms up, measures, ends. The server is one more process.',
  'Cases that are compared run in turns, one turn of each after the other, so that a machine that slows down for a while slows all of them. Ratios are taken within a turn; values are medians of the turns, shown with the least and the greatest.',
  'Warm-up is thrown away. Its first part is deep for every case, since compilers must have seen enough calls also where one request goes at a time.',
  'In closed loops a request follows as soon as the last one is answered. In open loops requests are due at fixed times, and latency counts from the time that they were due: what a slow reply holds up is not forgotten (coordinated omission).',
  'Latency is sampled by one rule for every client. A percentile with fewer than two samples beyond it is not given.',
  'CPU time is that of the whole process of the client, all threads, user and kernel.',
  'Other clients are measured as their packages install them, in the manner that their own documentation shows. What one cannot do is said to be missing, and is not zero.',
  'Cases, clients and turns are fixed in the source, and the same for all. The whole method is in `bench/README.md`.',
];
