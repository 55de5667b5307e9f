// The driver of zkwire behind a proxy that spoils what goes by: a client with one fault. Its name is the second argument.
import { connect, createServer } from 'node:net';

const [connectString, name] = process.argv.slice(2);

const OP = { create: 1, get: 4, ping: 11, multi: 14, auth: 100, setWatches: 101, close: -11 };

/** Changes requests of one operation. */
const ofOp = (op, change) => ({
  request: (body, isFirst) => (!isFirst && body.readInt32BE(4) === op ? change(body) : body),
});

const set = (write, value, at) => (body) => {
  body[write](value, at < 0 ? body.length + at : at);
  return body;
};

const handshake = (change) => ({ request: (body, isFirst) => (isFirst ? change(body) : body) });

/** Every xid is the same on the wire; replies get back the one that they belong to. */
function sameXid() {
  const xids = [];
  return {
    request(body, isFirst) {
      if (isFirst || body.readInt32BE(0) < 0) return body;
      xids.push(body.readInt32BE(0));
      body.writeInt32BE(0, 0);
      return body;
    },
    reply(body) {
      if (body.length >= 16 && body.readInt32BE(0) === 0 && xids.length > 0) {
        body.writeInt32BE(xids.shift(), 0);
      }
      return body;
    },
  };
}

const isEvent = (body) => body.readInt32BE(0) === -1 && body.length > 16;
const ofReply = (isIt, change) => ({ reply: (body) => (isIt(body) ? change(body) : body) });

const NULL = Buffer.from('ffffffff', 'hex');

/** The first null of a body becomes empty. */
const emptied = (body) => {
  const at = body.indexOf(NULL, 8);
  if (at >= 0) body.writeInt32BE(0, at);
  return body;
};

const MUTANTS = {
  'same-xid': sameXid,
  'no-zxid': () => handshake(set('writeBigInt64BE', 0n, 4)),
  'no-session-id': () => handshake(set('writeBigInt64BE', 0n, 16)),
  'version-9': () => handshake(set('writeInt32BE', 9, 0)),
  'trailing-byte': () => ofOp(OP.get, (body) => Buffer.concat([body, Buffer.alloc(1)])),
  persistent: () => ofOp(OP.create, set('writeInt32BE', 0, -4)),
  'empty-for-null': () => ofOp(OP.create, emptied),
  'no-watch': () => ofOp(OP.get, set('writeUInt8', 0, -1)),
  'relative-to-0': () => ofOp(OP.setWatches, set('writeBigInt64BE', 0n, 8)),
  'no-close': () => ofOp(OP.close, () => null),
  'no-pings': () => ofOp(OP.ping, () => null),
  'wrong-credential': () => ofOp(OP.auth, set('writeUInt8', 0x78, -1)),
  'lone-check': () =>
    ofOp(OP.multi, (body) =>
      Buffer.concat([body.subarray(0, 4), Buffer.from('0000000d', 'hex'), body.subarray(17, -9)]),
    ),
  'another-code': () =>
    ofReply(
      (body) => body.length === 16 && body.readInt32BE(12) !== 0,
      set('writeInt32BE', -101, 12),
    ),
  'no-events': () => ofReply(isEvent, () => null),
  'null-is-empty': () =>
    ofReply(
      (body) => body.length === 88 && body.readInt32BE(16) === -1,
      set('writeInt32BE', 0, 16),
    ),
  'zxid-of-events': eventZxids,
  'late-events': lateEvents,
};

/** Events wait for the frame behind them. */
function lateEvents() {
  let late = [];
  return {
    reply(body) {
      if (isEvent(body)) {
        late.push(body);
        return null;
      }
      const frames = [body, ...late];
      late = [];
      return frames;
    },
  };
}

let greatest = 0n;

/** The zxid of events counts, too. */
function eventZxids() {
  return {
    reply(body) {
      if (isEvent(body) && body.readBigInt64BE(4) > greatest) greatest = body.readBigInt64BE(4);
      return body;
    },
    request(body, isFirst) {
      if (isFirst && greatest > 0n) body.writeBigInt64BE(greatest, 4);
      return body;
    },
  };
}

function pump(from, to, change) {
  let waiting = Buffer.alloc(0);
  let isFirst = true;
  from.on('data', (bytes) => {
    waiting = Buffer.concat([waiting, bytes]);
    while (waiting.length >= 4 && waiting.length >= 4 + waiting.readInt32BE(0)) {
      const end = 4 + waiting.readInt32BE(0);
      const changed = change?.(Buffer.from(waiting.subarray(4, end)), isFirst);
      const frames = change === undefined ? [waiting.subarray(4, end)] : [changed ?? []].flat();
      for (const frame of frames) {
        const prefix = Buffer.alloc(4);
        prefix.writeInt32BE(frame.length);
        to.write(Buffer.concat([prefix, frame]));
      }
      isFirst = false;
      waiting = waiting.subarray(end);
    }
  });
  from.on('end', () => to.end());
  from.on('error', () => to.destroy());
  from.on('close', () => to.destroy());
}

const proxy = createServer((client) => {
  const [host, port] = connectString.split(':');
  const server = connect(Number(port), host);
  const mutant = MUTANTS[name]();
  pump(client, server, mutant.request);
  pump(server, client, mutant.reply);
});
proxy.listen(0, '127.0.0.1', async () => {
  process.argv[2] = `127.0.0.1:${proxy.address().port}`;
  await import('./zkwire.mjs');
});
