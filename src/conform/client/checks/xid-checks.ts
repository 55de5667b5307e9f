import { fail } from '../../failure.ts';
import { type ClientCheck, clientArea } from '../client-check.ts';
import type { ClientContext, OpenSession } from '../client-context.ts';

/** Requests one after the other. */
const REQUESTS = 5;

async function readSome(t: ClientContext, { connection }: OpenSession): Promise<void> {
  for (let index = 0; index < REQUESTS; index++) {
    await t.exchange(connection, 'getData', 'get', `/n${index}`);
  }
}

function mustBeSound(t: ClientContext): void {
  const [fault] = t.judge.xidFaults;
  if (fault !== undefined) fail(`the client sent ${fault}`);
}

export const XID_CHECKS: readonly ClientCheck[] = clientArea(
  'xid',
  {
    source: 'docs/protocol.md, xids; ZOOKEEPER-3650',
    meaning: 'Servers count a request as under way for ever, or replies go to the wrong caller.',
  },
  [
    {
      id: 'counting',
      title: 'requests have xids above 0, each above the one before it',
      async run(t) {
        await readSome(t, await t.open());
        mustBeSound(t);
      },
    },
    {
      id: 'behind-a-reconnect',
      title: 'so they have on the next connection, with credentials and watches among them',
      async run(t) {
        const session = await t.open();
        await t.login(session.connection);
        await t.exchange(session.connection, 'getData', 'get', '/a', 'watch');
        session.connection.end();
        const { connection } = await t.admit({}, 12_000);
        const deadline = t.server.nowMs() + 5_000;
        // What the client sends by itself is answered; then it is asked for more.
        while (t.server.nowMs() < deadline) {
          const frame = await connection.next('anything', { withinMs: 300 }).catch(() => null);
          if (frame === null) break;
          connection.send(answerTo(frame.body.readInt32BE(0)));
        }
        await readSome(t, { ...session, connection });
        mustBeSound(t);
      },
    },
  ],
);

/** A header without a body, as for auth and setWatches. */
function answerTo(xid: number): Buffer {
  const answer = Buffer.alloc(20);
  answer.writeInt32BE(16);
  answer.writeInt32BE(xid, 4);
  return answer;
}
