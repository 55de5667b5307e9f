import { setTimeout as delay } from 'node:timers/promises';
import { fail } from '../../failure.ts';
import type { ScriptConnection } from '../../script/script-connection.ts';
import { type ClientCheck, clientArea } from '../client-check.ts';
import type { ClientContext } from '../client-context.ts';
import { shown, typedFailure } from '../driver.ts';
import { serve, serveWell } from '../good-service.ts';
import { type ChildrenRequest, HOSTILE_ANSWERS, type HostileAnswer } from '../hostile-answers.ts';

/** A flood is over sooner; a client that counts nothing buffers until then. */
const EXTRA_MS = 80_000;

/** Session time-out: a client that waits for the rest of a frame notices soon that none comes. */
const T_MS = 5_000;

/** How long a client may take until it works again, once the server behaves. */
const AGAIN_MS = 12_000;
const AGAIN_EVERY_MS = 200;

/** What takes a client more time than anything else. */
const DATA_MS = 60_000;

async function send(
  connection: ScriptConnection,
  answer: HostileAnswer,
  request: ChildrenRequest,
): Promise<void> {
  await connection.sendPieces(answer.parts(request), answer.drips === true ? 0 : null);
  if (answer.ends === true) connection.end();
}

/** The client must have lost no more than the connection. */
async function mustWorkAgain(t: ClientContext): Promise<void> {
  const deadline = t.server.nowMs() + AGAIN_MS;
  for (;;) {
    const answer = await t.driver.ask('get', '/a');
    if (answer.kind === 'ok') return;
    typedFailure(answer, 'get /a');
    if (t.server.nowMs() > deadline) {
      fail(`expected get /a to succeed on the next connection, got ${shown(answer)}`);
    }
    await delay(AGAIN_EVERY_MS);
  }
}

async function onHandshake(t: ClientContext, answer: HostileAnswer): Promise<void> {
  const connected = t.driver.ask('connect', T_MS);
  const connection = await t.server.accept();
  await connection.expectHandshake();
  await send(connection, answer, { xid: 0, op: 0 });
  void serveWell(t.server);
  const outcome = await connected;
  // Giving up with an error is as good as another attempt.
  if (outcome.kind === 'error') typedFailure(outcome, 'connect');
  else await mustWorkAgain(t);
}

async function onChildren(t: ClientContext, answer: HostileAnswer): Promise<void> {
  const { connection } = await t.open(answer.children === null ? { timeoutMs: T_MS } : {});
  if (answer.children !== null) t.driver.timeoutMs = DATA_MS;
  const asked = t.driver.ask('children', '/a');
  const request = await connection.expect(['getChildren', 'getChildren2']);
  void serveWell(t.server);
  const sent = send(connection, answer, request);
  const outcome = await asked;
  if (answer.children === null) {
    typedFailure(outcome, 'children /a');
  } else {
    if (outcome.kind !== 'ok') fail(`expected the children, got ${shown(outcome)}`);
    if (outcome.words.join('\t') !== answer.children.join('\t')) {
      fail(`expected ${answer.children.length} children, got others: ${shown(outcome)}`);
    }
    await sent;
    void serve(connection);
  }
  await mustWorkAgain(t);
}

/** The hostile scripts. A client that ends its process by one of them ends everything else in it. */
export const HOSTILE_CHECKS: readonly ClientCheck[] = clientArea(
  'hostile',
  {
    source: 'what broken servers, proxies and other services on the port were seen to send',
    meaning:
      'One confused server ends the process, leaves a caller waiting for ever, or is believed.',
  },
  HOSTILE_ANSWERS.map((answer) => ({
    id: answer.id,
    title: `${answer.title}: ${answer.children === null ? 'a typed failure, and the client goes on' : 'the right data'}`,
    extraMs: EXTRA_MS,
    run: (t: ClientContext) =>
      answer.to === 'handshake' ? onHandshake(t, answer) : onChildren(t, answer),
  })),
);
