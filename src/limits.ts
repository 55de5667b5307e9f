/** Every default and maximum in one place, with its unit in the name and its reason beside it. */

/** `jute.maxbuffer` of servers and clients, 0xfffff: a body of exactly this many bytes is still served. */
export const FRAME_BODY_BYTES_MAX = 0xfffff;

/** A reply may be longer than the longest request by this: what was written at the limit comes back with a Stat and a header. */
export const REPLY_EXTRA_BYTES: number = 64 * 1024;

/** Longest reply that is read to its end and thrown away when it is over the limit, so that only its own request fails. Half a second of a gigabit line; above it a new connection is cheaper, and the length is more likely garbage (text and TLS records are all longer). */
export const REPLY_SKIP_BYTES_MAX: number = 64 * 1024 * 1024;

/** Highest frame limit that can be configured: lengths are signed 32-bit on the wire. */
export const FRAME_BODY_BYTES_CEILING: number = 2 ** 31 - 1;

/** Longest time that Node's timers take: a longer one would be over at once. Times on the wire have 31 bits too. */
export const TIMER_MS_MAX: number = 2 ** 31 - 1;

/** Size of pooled slabs. One libuv read fills at most 64 KiB, so a larger slab would not be filled by one read. */
export const SLAB_BYTES: number = 64 * 1024;

/** Released slabs kept for reuse in one pool: 2 MiB, enough for both directions of a busy connection. */
export const SLABS_FREE_MAX = 32;

/** Released slabs of large frames kept for reuse in one pool, until the garbage collector takes them: sixteen requests of 1 MiB in flight find theirs again. */
export const LARGE_SLABS_FREE_BYTES_MAX: number = 18 * 1024 * 1024;

/** Left free behind a value for which a slab was too small. Fields follow it (a version, a Stat, an ACL), and for each of them the whole frame would move once more. */
export const FRAME_TAIL_BYTES = 1024;

/** When less than this is left behind an unfinished frame, reading goes on in the next slab. */
export const READ_ROOM_BYTES_MIN: number = 4 * 1024;

/** Promise results up to this size are copied out of the slab; larger ones keep the whole slab. A quarter of a slab: what is kept is at most four times what is used. */
export const OWNED_COPY_BYTES_MAX: number = SLAB_BYTES / 4;

/** Blocks that small owned copies are cut from; a value that is kept keeps one. Twice Node's Buffer pool, since headers and Stats are copied along. */
export const OWNED_BLOCK_BYTES: number = 16 * 1024;

/** Requests in flight on one connection. ZooKeeper stops reading a session's socket at 1000 by default (`globalOutstandingLimit`); more only fills socket buffers. */
export const INFLIGHT_REQUESTS_MAX = 65_536;

/** Encoded bytes in flight on one connection. */
export const INFLIGHT_BYTES_MAX: number = 64 * 1024 * 1024;

/** Open slab is handed to the link without waiting for the end of the tick when it holds this much. */
export const FLUSH_BYTES: number = 48 * 1024;

/** Bytes queued in the socket above which a link asks its writer to hold back. */
export const LINK_HIGH_WATER_BYTES: number = 1024 * 1024;

/** Requested session time-out when the caller names none. */
export const SESSION_TIMEOUT_MS = 30_000;

/** Dial plus handshake when the caller names no limit. */
export const CONNECT_TIMEOUT_MS = 10_000;

/** How long `close()` waits for the answer to closeSession before it drops the connection. */
export const CLOSE_TIMEOUT_MS = 2_000;

/** Request deadlines are looked at this often, so a time-out is late by at most this much. */
export const DEADLINE_SWEEP_MS = 50;

/** Longest connect string, hosts in it: bounds on what is parsed. */
export const CONNECT_STRING_CHARS_MAX = 16_384;

/** Servers of one connect string: ZooKeeper numbers the servers of an ensemble from 1 to 255. */
export const SERVERS_MAX = 255;

/** Pause after the first whole round of servers has failed; doubles with each further round. Short, since a restarted or newly elected server is back within half a second. */
export const RECONNECT_PAUSE_MS = 100;

/** Longest pause between two rounds. Longer ones would spare a server nothing that is there again, only delay its clients. */
export const RECONNECT_PAUSE_MS_MAX = 1_000;

/** Shortest such pause, however short the session: refused connections fail at once, and would be tried in a busy loop. */
export const RECONNECT_PAUSE_MS_MIN = 10;

/** No attempt to connect gets less than this (unless the caller says so): TLS over a slow network takes several round trips. */
export const ATTEMPT_MS_MIN = 1_000;

/** First pause of the search for a writable server, and the longest that it doubles to: as the Java client has it. */
export const WRITABLE_SEARCH_PAUSE_MS = 100;
/** See {@link WRITABLE_SEARCH_PAUSE_MS}. */
export const WRITABLE_SEARCH_PAUSE_MS_MAX = 60_000;

/** Dial, question and answer of one probe for a writable server. */
export const WRITABLE_PROBE_MS = 2_000;

/** Body of one setWatches request, as the Java client cuts: servers close on more than `jute.maxbuffer`, and the client would come back with the same for ever (ZOOKEEPER-706). */
export const SET_WATCHES_BYTES_MAX: number = 128 * 1024;

/** Credentials that a session keeps: all of them go out on every connection, and wait beside the ring for their answers. */
export const CREDENTIALS_MAX = 64;

/** Longest password, credential or SASL token. Kerberos tickets are the longest in use, with some tens of KiB. */
export const SECRET_BYTES_MAX: number = 64 * 1024;

/** Rounds of one SASL exchange. Kerberos takes four; a server that goes on asking is not waited for. */
export const SASL_ROUNDS_MAX = 16;

/** Events that wait in the queue of one watch: what a burst of changes brings while its reader is busy. Above that, reading again is cheaper than going through them. */
export const WATCH_QUEUE_EVENTS_MAX = 4_096;

/** Requests of one batch (`getMany` and its like) in flight. Servers stop reading a connection at 1,000 by default; twice that covers the way to them and back, and leaves room for everybody else. */
export const BATCH_REQUESTS_MAX = 2_000;

/** Nodes that a walk asks for ahead of its reader: what it holds in memory, and enough to hide the way to the server. */
export const WALK_AHEAD_NODES_MAX = 64;

/** How often a helper of several steps begins anew when others change the same nodes at the same time. */
export const HELPER_ROUNDS_MAX = 10;

/** Protected nodes of calls that have given up, waiting to be looked for and deleted: each waits for the next session. More are left to their sessions. */
export const PROTECTED_NODES_MAX = 1_000;

/** What a server keeps for a client that does not read its watch events; above it the client is hung up on. */
export const SERVER_OUTPUT_BYTES_MAX: number = 64 * 1024 * 1024;

/** The same of all clients together; above it those with the most are hung up on, and long answers are cut short. */
export const SERVER_OUTPUT_TOTAL_BYTES_MAX: number = 256 * 1024 * 1024;

/** Transactions that wait for the disk, in bytes; above it the server reads no more requests. */
export const SERVER_LOG_BYTES_MAX: number = 64 * 1024 * 1024;

/** Answer to one four-letter word: ten thousand connections fit in several times. Lists of watches and ephemeral nodes are cut there (CVE-2017-5637). */
export const WORD_ANSWER_CHARS_MAX: number = 8 * 1024 * 1024;

/** Such lists in a second, all askers together: to make one holds up everybody, for some 10 ms a MiB. */
export const WORD_LIST_CHARS_PER_SECOND: number = 4 * 1024 * 1024;

/** What of it is saved up while nobody asks: a few long lists one behind the other. */
export const WORD_LIST_CHARS_SAVED_MAX: number = 4 * WORD_ANSWER_CHARS_MAX;

/** Pause before a recipe tries again what has failed: a server that refuses for a moment is asked again soon. */
export const RECIPE_RETRY_MS_MIN = 100;

/** Doubled with each failure up to this: one that refuses for long is not kept busy. */
export const RECIPE_RETRY_MS_MAX = 5_000;
