/** A check that a client is known to fail: what the report says, and why. */
export type Known = readonly [failure: RegExp, why: string];

const DIES = /the client's process (ended with code 1|was ended by SIG\w+) before .* was answered/;
const NEVER = /was not answered within/;
const RAW = /to fail with an error of the client's own, got error untyped/;
const BELIEVED = /expected children \/a to fail, got ok/;
const DEAD_OR_NEVER = new RegExp(`${DIES.source}|${NEVER.source}`);
const NO_WATCHES = /expected setWatches on the next connection, got none/;

const PRIMED = 'watches are not set again: their callbacks are called with a session event instead';
const BAD_INPUT = 'what the decoder throws ends the process';
const BAD_INPUT_RAW = 'what the decoder throws is handed to the caller as it is';
const HALF_READ = 'an error of the decoder does not keep the callback from being called with rc 0';
const NOT_TEXT = 'bytes that are no text become another name';
const BAD_LENGTHS = 'lengths below -1 and beyond the frame are taken';
const ADDON = 'libzookeeper reads behind the end of the frame';

/** Apache's Java client 3.8.0. What it cannot decode goes to callbacks half read, and as a success. */
export const JAVA: Readonly<Record<string, Known>> = {
  'watch/recursive': [/got .*children \/r\/x/, 'ZOOKEEPER-4475, mended in 3.9'],
  'hostile/truncated-record': [BELIEVED, HALF_READ],
  'hostile/count': [BELIEVED, HALF_READ],
  'hostile/count-with-bytes': [BELIEVED, HALF_READ],
  'hostile/string-length-negative': [BELIEVED, HALF_READ],
  'hostile/string-length-huge': [BELIEVED, HALF_READ],
  'hostile/not-utf8': [BELIEVED, NOT_TEXT],
};

/** kazoo 2.8, as Debian 12 has it. */
export const KAZOO: Readonly<Record<string, Known>> = {
  'request/multi-null-data': [
    /got error untyped TypeError/,
    'transactions take no null data, although set does',
  ],
  'reply/error-codes-since-3.4': [NEVER, 'an unknown code ends the thread of the connection'],
  'reply/error-code-unknown': [NEVER, 'an unknown code ends the thread of the connection'],
  'reconnect/credentials-before-watches': [/expected a credential and watches/, PRIMED],
  'reconnect/watches': [NO_WATCHES, PRIMED],
  'reconnect/watches-that-fired': [NO_WATCHES, PRIMED],
  'reconnect/relative-zxid': [NO_WATCHES, PRIMED],
  'reconnect/many-watches': [NO_WATCHES, PRIMED],
  'ping/while-hearing': [/expected a ping within/, 'pings are sent when nothing was heard'],
  'ping/dead-while-sending': [
    /expected the end of the connection/,
    'silence is noticed only while nothing is sent',
  ],
  'hostile/frame-length-minus-1': [
    /on the next connection, got error/,
    'the client stops for good',
  ],
  'hostile/frame-length-minus-5': [
    /on the next connection, got error/,
    'the client stops for good',
  ],
  'hostile/short-header': [/on the next connection, got error/, 'the client stops for good'],
  'hostile/truncated-record': [RAW, BAD_INPUT_RAW],
  'hostile/count': [RAW, BAD_INPUT_RAW],
  'hostile/count-with-bytes': [RAW, BAD_INPUT_RAW],
  'hostile/string-length-negative': [BELIEVED, BAD_LENGTHS],
  'hostile/string-length-huge': [BELIEVED, BAD_LENGTHS],
  'hostile/not-utf8': [RAW, BAD_INPUT_RAW],
  'hostile/unknown-xid': [RAW, 'a RuntimeError where there is a connection loss'],
  'hostile/password-length': [NEVER, 'the client stops for good'],
};

/** npm `node-zookeeper-client` 1.1.3. */
export const NODE_ZOOKEEPER_CLIENT: Readonly<Record<string, Known>> = {
  'xid/counting': [/the xid 0 for getData/, 'xids begin with 0'],
  'xid/behind-a-reconnect': [/the xid 0 for getData/, 'xids begin with 0'],
  'request/set-null-data': [/got error untyped/, 'set takes no null data, although create does'],
  'request/multi': [/expected .* \(.*recorded in/, 'version 0 of a step becomes -1: any version'],
  'request/multi-null-data': [/expected .* \(.*recorded in/, 'the same'],
  'reply/error-codes-since-3.4': [DIES, 'an unknown code throws'],
  'reply/error-code-unknown': [DIES, 'an unknown code throws'],
  'reconnect/many-watches': [/which no server takes/, 'all watches are set again in one request'],
  'ping/while-hearing': [/expected a ping within/, 'pings are sent when the socket is idle'],
  'ping/dead-server': [/expected the end of the connection/, 'there is no limit on silence'],
  'ping/dead-while-sending': [/expected the end of the connection/, 'the same'],
  'hostile/frame-length-minus-1': [DIES, BAD_INPUT],
  'hostile/frame-length-minus-5': [DIES, BAD_INPUT],
  'hostile/truncated-record': [DIES, BAD_INPUT],
  'hostile/count': [DIES, BAD_INPUT],
  'hostile/count-with-bytes': [DIES, BAD_INPUT],
  'hostile/string-length-negative': [DIES, BAD_INPUT],
  'hostile/string-length-huge': [DIES, BAD_INPUT],
  'hostile/short-header': [DIES, BAD_INPUT],
  'hostile/handshake-of-three-bytes': [DIES, BAD_INPUT],
  'hostile/password-length': [DIES, BAD_INPUT],
  'hostile/not-utf8': [BELIEVED, NOT_TEXT],
  'hostile/unknown-xid': [NEVER, 'the request at the head is dropped without a word'],
  'hostile/end-in-frame': [NEVER, 'the rest of a frame is read in front of the next connection'],
  'hostile/http': [NEVER, 'there is no limit on the length of a frame'],
};

/** npm `zookeeper` 7.3.0, a binding to the C client. */
export const NPM_ZOOKEEPER: Readonly<Record<string, Known>> = {
  'request/create-null-data': [/got .*6e756c6c/, "null is written as the word 'null'"],
  'request/create-container': [/got .*6e756c6c/, 'the same: recorded containers have null data'],
  'request/create-ttl': [/got .*6e756c6c/, 'the same'],
  'request/set-null-data': [/got .*6e756c6c/, 'the same'],
  'reply/stat': [/^Stat: expected/, 'zxids are doubles'],
  'reply/byte-by-byte': [/got error -116/, 'the session is ended after ten reads without a frame'],
  'reconnect/many-watches': [/which no server takes/, 'all watches are set again in one request'],
  'hostile/truncated-record': [DEAD_OR_NEVER, ADDON],
  'hostile/count': [DEAD_OR_NEVER, ADDON],
  'hostile/count-with-bytes': [DEAD_OR_NEVER, ADDON],
  'hostile/string-length-negative': [DEAD_OR_NEVER, ADDON],
  'hostile/string-length-huge': [DEAD_OR_NEVER, ADDON],
  'hostile/not-utf8': [BELIEVED, NOT_TEXT],
  'hostile/http': [NEVER, 'there is no limit on the length of a frame'],
};
