import net from 'node:net';
import { closeRequest, connectRequest } from './raw-requests.ts';
import { ReplyCounter } from './reply-counter.ts';

/** One libuv read; larger was not faster. */
const READ_BYTES = 64 * 1024;

/** A socket with a session, whose replies are counted and not looked at. */
export interface RawSocket {
  socket: net.Socket;
  /** Of the last request that was sent; the next one goes on from there. */
  lastXid: number;
  /** Called once a read, with the number of replies that it completed. */
  onReplies: (count: number) => void;
  close(): Promise<void>;
}

/** Connects and shakes hands. Reads go into one buffer, over and over: the fastest way Node has. */
export function openRawSocket(connectString: string): Promise<RawSocket> {
  const [host = '', port = ''] = connectString.split(':');
  const reads = Buffer.allocUnsafeSlow(READ_BYTES);
  const replies = new ReplyCounter(new DataView(reads.buffer));
  return new Promise((resolve, reject) => {
    const socket = net.connect({
      host,
      port: Number(port),
      noDelay: true,
      onread: {
        buffer: reads,
        callback: (byteCount) => {
          const count = replies.count(byteCount);
          if (count > 0) raw.onReplies(count);
          return true;
        },
      },
    });
    const raw: RawSocket = {
      socket,
      lastXid: 0,
      onReplies: () => {
        socket.off('error', reject);
        // The close that follows tells the loop.
        socket.on('error', () => {});
        resolve(raw);
      },
      close: () => closeSession(socket),
    };
    socket.once('error', reject);
    socket.once('connect', () => socket.write(connectRequest()));
  });
}

function closeSession(socket: net.Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
    socket.end(closeRequest());
  });
}
