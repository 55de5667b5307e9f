import { setImmediate as nextTurn } from 'node:timers/promises';
import { fail } from '../../failure.ts';
import type { ScriptConnection } from '../../script/script-connection.ts';
import { type ClientCheck, clientArea } from '../client-check.ts';
import type { ClientContext } from '../client-context.ts';
import { shown, typedFailure } from '../driver.ts';
import { serve, serveWell } from '../good-service.ts';
import { type ChildrenRequest, HOSTILE_ANSWERS, type HostileAnswer } from '../hostile-answers.ts';

/** A flood is over sooner; a client that counts nothing buffers until then. */
const SLOW_MS = 20_000;

/** Attempts at a request once the server behaves: the first may still meet the connection that is lost. */
const ATTEMPTS = 3;

async function send(
  connection: ScriptConnection,
  answer: HostileAnswer,
  request: ChildrenRequest,
): Promise<void> {
  for (const part of answer.parts(request)) {
    if (connection.ended) return;
    connection.send(part);
    await connection.drained();
    if (answer.drips === true) await nextTurn();
  }
  if (answer.ends === true) connection.end();
}

/** The client must have lost no more than the connection. */
async function mustWorkAgain(t: ClientContext): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const answer = await t.driver.ask('get', '/a');
    if (answer.kind === 'ok') return;
    typedFailure(answer, 'get /a');
    if (attempt === ATTEMPTS) {
      fail(`expected get /a to succeed on the next connection, got ${shown(answer)}`);
    }
  }
}

async function onHandshake(t: ClientContext, answer: HostileAnswer): Promise<void> {
  const connected = t.driver.ask('connect', 10_000);
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
  const { connection } = await t.open();
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
    slowMs: SLOW_MS,
    run: (t: ClientContext) =>
      answer.to === 'handshake' ? onHandshake(t, answer) : onChildren(t, answer),
  })),
);
