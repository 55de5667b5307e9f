import { createHash } from 'node:crypto';
import { SERVER_CODE, type ServerCodeName } from '../../../codec/index.ts';
import { equal } from '../../expect.ts';
import { ExcusedCheck, fail } from '../../failure.ts';
import type { HeardRequest } from '../../script/heard-frame.ts';
import type { ScriptConnection } from '../../script/script-connection.ts';
import { eventFrame, replyFrame, statWith } from '../../script/server-frames.ts';
import { type ClientCheck, clientArea } from '../client-check.ts';
import type { ClientContext } from '../client-context.ts';
import { typedFailure } from '../driver.ts';
import { dataWord } from '../driver-lines.ts';

/** Requests that are given to the client at once. */
const AT_ONCE = 16;

/** How long requests that were given at once may take to come. */
const GATHER_MS = 500;

/** Codes of 3.3 and before. */
const OLD_CODES: readonly ServerCodeName[] = [
  'MARSHALLINGERROR',
  'BADARGUMENTS',
  'NONODE',
  'NOAUTH',
  'BADVERSION',
  'NOCHILDRENFOREPHEMERALS',
  'NODEEXISTS',
  'NOTEMPTY',
  'INVALIDACL',
];

/** Codes that came later. */
const NEW_CODES: readonly ServerCodeName[] = [
  'NOTREADONLY',
  'EPHEMERALONLOCALSESSION',
  'NOWATCHER',
  'RECONFIGDISABLED',
  'QUOTAEXCEEDED',
  'THROTTLEDOP',
];

/** Codes that no release has. The last is what four bytes of a length are when they are taken for one. */
const UNKNOWN_CODES: readonly number[] = [-126, -9_999, 935_133_184];

const LARGE_BYTES = 1_040_000;

async function refusals(t: ClientContext, codes: readonly ServerCodeName[]): Promise<void> {
  const { connection } = await t.open();
  for (const name of codes) {
    const refused = t.driver.refused(SERVER_CODE[name], 'delete', '/a', -1);
    refused.catch(() => {});
    const request = await t.request(connection, 'delete', refused);
    connection.refuse(request, name);
    await refused;
  }
}

/** Lets the client read `data`, which `send` brings to it. */
async function readBack(
  t: ClientContext,
  connection: ScriptConnection,
  data: Buffer | null,
  send: (frame: Buffer) => unknown = (frame) => connection.send(frame),
): Promise<void> {
  const asked = t.driver.ok('get', '/a');
  asked.catch(() => {});
  const request = await t.request(connection, 'getData', asked);
  await send(connection.replyTo(request, { data, stat: statWith() }));
  const [word = ''] = await asked;
  if (word !== dataWord(data)) {
    const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
    const [came, sent] = [word, dataWord(data)].map((text) =>
      text.length > 100 ? `${text.length} characters, sha256 ${sha(text)}` : text,
    );
    fail(`expected get to give ${sent}, got ${came}`);
  }
}

/** Several reads of the client that wait for their answers. */
async function gather(
  t: ClientContext,
  connection: ScriptConnection,
): Promise<{ requests: HeardRequest[]; answers: Promise<readonly string[]>[] }> {
  const answers = Array.from({ length: AT_ONCE }, (_, index) => t.driver.ok('get', `/n${index}`));
  for (const answer of answers) answer.catch(() => {});
  const requests = [await connection.expect('getData')];
  const until = t.server.nowMs() + GATHER_MS;
  while (requests.length < AT_ONCE && t.server.nowMs() < until) {
    const next = connection.expect('getData', { withinMs: until - t.server.nowMs() });
    const request = await next.catch(() => null);
    if (request === null) break;
    requests.push(request);
  }
  if (requests.length < AT_ONCE) {
    throw new ExcusedCheck('the driver, or its client, does one request after the other');
  }
  return { requests, answers };
}

/** Data of the node that a request is about: its path. */
function ownData(request: HeardRequest): { data: Buffer; stat: ReturnType<typeof statWith> } {
  return { data: Buffer.from(String(request.record.path)), stat: statWith() };
}

async function mustBeOwn(answers: readonly Promise<readonly string[]>[]): Promise<void> {
  for (const [index, answer] of answers.entries()) {
    equal(await answer, [Buffer.from(`/n${index}`).toString('hex')], `data of /n${index}`);
  }
}

export const REPLY_CHECKS: readonly ClientCheck[] = clientArea(
  'reply',
  {
    source: 'docs/protocol.md, replies; seen on 3.8.0 and 3.9.5',
    meaning: 'Callers are told something else than the server said.',
  },
  [
    {
      id: 'error-codes',
      title: `errors keep their number: ${OLD_CODES.join(', ')}`,
      run: (t) => refusals(t, OLD_CODES),
    },
    {
      id: 'error-codes-since-3.4',
      title: `errors of newer servers keep their number: ${NEW_CODES.join(', ')}`,
      run: (t) => refusals(t, NEW_CODES),
    },
    {
      id: 'error-code-unknown',
      title: 'an error number that is in no list fails its request, and nothing else',
      source: 'docs/protocol.md, error codes: servers are newer than clients',
      meaning: 'A newer server ends the process, or the connection again and again.',
      async run(t) {
        const { connection } = await t.open();
        for (const code of UNKNOWN_CODES) {
          const asked = t.driver.ask('delete', '/a', -1);
          connection.refuse(await connection.expect('delete'), code);
          typedFailure(await asked, `delete that was refused with ${code}`);
        }
        await readBack(t, connection, Buffer.from('still there'));
      },
    },
    {
      id: 'null-data',
      title: 'null data is null, and not empty',
      meaning: 'What is read and written back is another node.',
      async run(t) {
        await readBack(t, (await t.open()).connection, null);
      },
    },
    {
      id: 'empty-data',
      title: 'empty data is empty, and not null',
      meaning: 'What is read and written back is another node.',
      async run(t) {
        await readBack(t, (await t.open()).connection, Buffer.alloc(0));
      },
    },
    {
      id: 'binary-data',
      title: 'data come back as they are, whatever the bytes',
      async run(t) {
        const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
        await readBack(t, (await t.open()).connection, bytes);
      },
    },
    {
      id: 'large-data',
      title: `data of ${LARGE_BYTES} bytes come back as they are`,
      async run(t) {
        const bytes = Buffer.alloc(LARGE_BYTES, 'zookeeper');
        await readBack(t, (await t.open()).connection, bytes);
      },
    },
    {
      id: 'no-children',
      title: 'a node without children has none',
      async run(t) {
        const { connection } = await t.open();
        const asked = t.driver.ok('children', '/a');
        asked.catch(() => {});
        const request = await t.request(connection, ['getChildren', 'getChildren2'], asked);
        connection.reply(request, { children: [], stat: statWith() });
        equal(await asked, [], 'children');
      },
    },
    {
      id: 'stat',
      title: 'every field of a Stat is told, with all of its 64 bits',
      source:
        'docs/protocol.md, Stat; a zxid is an epoch and a counter, so it is large from the start',
      meaning: 'Comparisons of zxids and of owners are wrong once the numbers have grown.',
      async run(t) {
        const stat = statWith({
          czxid: 0x7fff_ffff_ffff_fffen,
          mzxid: 0x1234_5678_9abc_def1n,
          ctime: 1_700_000_000_001n,
          mtime: 1_700_000_000_002n,
          version: 2_147_483_647,
          cversion: -1,
          aversion: 5,
          ephemeralOwner: 0x1000_0000_0000_0003n,
          dataLength: 6,
          numChildren: 7,
          pzxid: 0x0020_0000_0000_0001n,
        });
        const { connection } = await t.open();
        const asked = t.driver.ok('exists', '/a');
        asked.catch(() => {});
        connection.reply(await t.request(connection, 'exists', asked), { stat });
        const { czxid, mzxid, ctime, mtime, version, cversion, aversion, ...others } = stat;
        const { ephemeralOwner, dataLength, numChildren, pzxid } = others;
        const wanted = [czxid, mzxid, ctime, mtime, version, cversion, aversion];
        const rest = [ephemeralOwner, dataLength, numChildren, pzxid];
        equal(await asked, [...wanted, ...rest].map(String), 'Stat');
      },
    },
    {
      id: 'in-two-pieces',
      title: 'a reply is the same wherever it is split',
      source: 'what TCP may do to any frame',
      extraMs: 20_000,
      async run(t) {
        const { connection } = await t.open();
        const data = Buffer.from('split');
        for (let offset = 1; ; offset++) {
          let length = 0;
          await readBack(t, connection, data, (frame) => {
            length = frame.length;
            return connection.sendSplit(frame, [offset], 2);
          });
          if (offset + 1 >= length) break;
        }
      },
    },
    {
      id: 'byte-by-byte',
      title: 'a reply may come byte by byte',
      source: 'what TCP may do to any frame',
      async run(t) {
        const { connection } = await t.open();
        const drip = (frame: Buffer): Promise<void> => connection.drip(frame, { pauseMs: 1 });
        await readBack(t, connection, Buffer.from('drop by drop'), drip);
      },
    },
    {
      id: 'joined',
      title: 'replies that come in one piece, the last of them cut, go each to its own request',
      source: 'what TCP may do to any frame',
      async run(t) {
        const { connection } = await t.open();
        const { requests, answers } = await gather(t, connection);
        const frames = requests.map((request) => connection.replyTo(request, ownData(request)));
        const bytes = Buffer.concat(frames);
        await connection.sendSplit(bytes, [bytes.length - 30], 20);
        await mustBeOwn(answers);
      },
    },
    {
      id: 'between-notifications',
      title: 'notifications and answers to pings between replies shift nothing',
      source: 'docs/protocol.md, xids; ZOOKEEPER-2253',
      async run(t) {
        const { connection } = await t.open();
        const { requests, answers } = await gather(t, connection);
        for (const [index, request] of requests.entries()) {
          connection.send(
            eventFrame(3, '/nobody/watches', t.eventZxid(9n)),
            connection.replyTo(request, ownData(request)),
            ...(index % 3 === 0 ? [replyFrame(-2, 0n, 0)] : []),
          );
        }
        await mustBeOwn(answers);
      },
    },
    {
      id: 'errors-between',
      title: 'a refusal goes to its own request, and the replies behind it to theirs',
      async run(t) {
        const { connection } = await t.open();
        const { requests, answers } = await gather(t, connection);
        const frames = requests.map((request, index) =>
          index % 2 === 0
            ? connection.replyTo(request, ownData(request))
            : replyFrame(request.xid, 3n, SERVER_CODE.NONODE),
        );
        connection.send(...frames);
        await mustBeOwn(answers.filter((_, index) => index === 0));
        for (const [index, answer] of answers.entries()) {
          const isThere = await answer.then(
            () => true,
            () => false,
          );
          equal(isThere, index % 2 === 0, `whether /n${index} is there`);
        }
      },
    },
  ],
);
