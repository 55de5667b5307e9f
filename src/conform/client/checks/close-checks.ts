import { fail } from '../../failure.ts';
import { type ClientCheck, clientArea } from '../client-check.ts';
import { typedFailure } from '../driver.ts';

/** Longest that a close may take when nobody answers. */
const CLOSE_MS = 9_000;

const QUIET_MS = 300;

export const CLOSE_CHECKS: readonly ClientCheck[] = clientArea(
  'close',
  {
    source: 'docs/sessions.md; recorded from four clients',
    meaning: 'Ephemeral nodes stay until the session expires, or the process does not end.',
  },
  [
    {
      id: 'ends-connection',
      title: 'the client ends the connection once its session is closed, if the server does not',
      source: 'docs/sessions.md: a read-only server answers and leaves the connection open',
      async run(t) {
        const { connection } = await t.open();
        const done = t.driver.ok('close');
        done.catch(() => {});
        connection.reply(await t.request(connection, 'closeSession', done));
        await done;
        await connection.expectEnd();
      },
    },
    {
      id: 'unanswered',
      title: 'a close that nobody answers comes to an end',
      slowMs: CLOSE_MS,
      async run(t) {
        const { connection } = await t.open({ timeoutMs: 4_000 });
        connection.answersPings = false;
        const since = t.server.nowMs();
        const answer = await t.driver.ask('close');
        if (answer.kind === 'error') typedFailure(answer, 'close');
        if (t.server.nowMs() - since > CLOSE_MS)
          fail(`expected close to end within ${CLOSE_MS} ms`);
      },
    },
    {
      id: 'pending',
      title: 'requests that are under way when the client closes come to an end',
      async run(t) {
        const { connection } = await t.open();
        const pending = t.driver.ask('get', '/a');
        pending.catch(() => {});
        await t.request(connection, 'getData', pending);
        const done = t.driver.ask('close');
        done.catch(() => {});
        await connection.next('closeSession', { withinMs: 2_000 }).catch(() => null);
        connection.end();
        const answer = await pending;
        if (answer.kind === 'error') typedFailure(answer, 'the request that was under way');
        await done;
      },
    },
    {
      id: 'nothing-behind',
      title: 'a request behind close fails, and is not sent',
      async run(t) {
        const { connection } = await t.open();
        const done = t.driver.ok('close');
        done.catch(() => {});
        connection.reply(await t.request(connection, 'closeSession', done));
        connection.end();
        await done;
        typedFailure(await t.driver.ask('get', '/a'), 'a request behind close');
        await t.server.expectNoConnection(QUIET_MS);
      },
    },
  ],
);
