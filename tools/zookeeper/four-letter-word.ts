import { connect } from 'node:net';

/**
 * Sends one of ZooKeeper's four-letter words (`srvr`, `ruok`, `mntr`, ...) to a plain client port and
 * resolves to the whole answer. Rejects when the connection fails or `timeoutMs` passes first.
 */
export function fourLetterWord(
  port: number,
  word: string,
  timeoutMs: number = 5_000,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host: '127.0.0.1', port });
    const deadline = setTimeout(
      () => socket.destroy(new Error(`no answer to ${word} on port ${port} in ${timeoutMs} ms`)),
      timeoutMs,
    );
    socket.once('connect', () => socket.write(word));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    socket.once('error', reject);
    socket.once('close', () => {
      clearTimeout(deadline);
      reject(new Error(`port ${port} closed before it answered ${word}`));
    });
  });
}
