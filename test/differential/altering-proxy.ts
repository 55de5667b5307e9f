import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Contestant, StartContestant } from './contestant.ts';

/** Changes a reply in place. Never sees a handshake. */
export type Alter = (frame: Buffer) => void;

/** A contestant behind a proxy that changes its replies: what a harness must not overlook. */
export function altered(start: StartContestant, alter: Alter): StartContestant {
  return async () => {
    const contestant = await start();
    const proxy = createServer((near) => relay(near, contestant.port, alter));
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    return {
      name: `${contestant.name}, altered`,
      port: (proxy.address() as AddressInfo).port,
      [Symbol.asyncDispose]: async () => {
        proxy.close();
        await contestant[Symbol.asyncDispose]();
      },
    } satisfies Contestant;
  };
}

function relay(near: Socket, port: number, alter: Alter): void {
  const far = connect({ host: '127.0.0.1', port, noDelay: true });
  near.setNoDelay(true);
  let rest: Buffer = Buffer.alloc(0);
  let isGreeted = false;
  near.on('data', (bytes) => far.write(bytes));
  far.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    for (let end = frameEnd(rest); end > 0; end = frameEnd(rest)) {
      const frame = Buffer.from(rest.subarray(0, end));
      if (isGreeted) alter(frame);
      isGreeted = true;
      near.write(frame);
      rest = rest.subarray(end);
    }
  });
  near.on('end', () => far.end());
  far.on('end', () => {
    // The text that answers a four-letter word is no frame.
    near.end(rest);
  });
  for (const [one, other] of [[near, far] as const, [far, near] as const]) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroySoon());
  }
}

/** Where the first frame ends; 0 when it is not whole. */
function frameEnd(bytes: Buffer): number {
  if (bytes.length < 4) return 0;
  const length = bytes.readInt32BE(0);
  return length >= 0 && bytes.length >= length + 4 ? length + 4 : 0;
}
