import { OP } from '../../../codec/index.ts';
import { fail } from '../../failure.ts';
import type { HeardRequest } from '../../script/heard-frame.ts';
import { hexOf } from '../../wire-connection.ts';
import { type ClientCheck, clientArea } from '../client-check.ts';
import type { ClientContext } from '../client-context.ts';
import { dataWord } from '../driver-lines.ts';
import {
  type GoldenRequest,
  goldenRequests,
  isNameable,
  isOpen,
  SAME_RECORD,
} from '../golden-requests.ts';
import { goodAnswer } from '../good-answer.ts';

/** Recorded requests of one kind that are tried. */
const GOLDENS_MAX = 4;

type Fields = Readonly<Record<string, unknown>>;

/** A kind of request: which recorded ones are of it, and what a driver is told to do for one. */
interface Kind {
  readonly id: string;
  readonly title: string;
  readonly ops: readonly number[];
  is(record: Fields): boolean;
  words(record: Fields): readonly (string | number)[];
}

const data = (record: Fields): string => dataWord(record.data as Buffer | null);

function create(id: string, what: string, flags: number, is: (record: Fields) => boolean): Kind {
  const op = flags === 4 ? [OP.createContainer] : flags >= 5 ? [OP.createTTL] : [OP.create];
  return {
    id,
    title: `create ${what} is sent as recorded`,
    ops: op,
    is: (record) => record.flags === flags && isOpen(record.acl) && is(record),
    words: (record) => [
      'create',
      String(record.path),
      data(record),
      flags,
      ...(flags >= 5 ? [String(record.ttl)] : []),
    ],
  };
}

const ASCII_PATH = /^[!-~]+$/;

const bytesIn = (record: Fields): number => (record.data as Buffer | null)?.length ?? -1;
const isPlain = (record: Fields): boolean =>
  bytesIn(record) > 0 && ASCII_PATH.test(String(record.path));

function read(id: string, name: string, ops: readonly number[], watch: boolean): Kind {
  return {
    id: watch ? `${id}-watch` : id,
    title: `${name} ${watch ? 'with' : 'without'} a watch is sent as recorded`,
    ops,
    is: (record) => record.watch === watch,
    words: (record) => [name, String(record.path), ...(watch ? ['watch'] : [])],
  };
}

const OPEN_STEPS: Readonly<Record<number, (step: Fields) => readonly (string | number)[]>> = {
  [OP.create]: (step) => ['create', String(step.path), data(step), Number(step.flags)],
  [OP.delete]: (step) => ['delete', String(step.path), Number(step.version)],
  [OP.setData]: (step) => ['set', String(step.path), data(step), Number(step.version)],
  [OP.check]: (step) => ['check', String(step.path), Number(step.version)],
};

/** Steps of a multi as words, between them a semicolon. */
function stepWords(record: Fields): readonly (string | number)[] {
  return stepsOf(record).flatMap((step, index) => {
    const words = OPEN_STEPS[step.op]?.(step) ?? [];
    return index > 0 ? [';', ...words] : words;
  });
}

const KINDS: readonly Kind[] = [
  create('create', 'of a persistent node', 0, isPlain),
  create('create-null-data', 'with null data', 0, (record) => record.data === null),
  create('create-empty-data', 'with empty data', 0, (record) => bytesIn(record) === 0),
  create(
    'create-unicode',
    'of a path beyond ASCII',
    0,
    (record) => bytesIn(record) > 0 && !ASCII_PATH.test(String(record.path)),
  ),
  create('create-ephemeral', 'of an ephemeral node', 1, isPlain),
  create('create-sequential', 'of a sequential node', 2, isPlain),
  create('create-ephemeral-sequential', 'of an ephemeral sequential node', 3, isPlain),
  create('create-container', 'of a container', 4, () => true),
  create('create-ttl', 'of a node with a time to live', 5, () => true),
  create('create-ttl-sequential', 'of a sequential node with a time to live', 6, () => true),
  {
    id: 'delete',
    title: 'delete of one version is sent as recorded',
    ops: [OP.delete],
    is: (record) => Number(record.version) >= 0,
    words: (record) => ['delete', String(record.path), Number(record.version)],
  },
  {
    id: 'delete-any',
    title: 'delete of any version is sent as recorded',
    ops: [OP.delete],
    is: (record) => record.version === -1,
    words: (record) => ['delete', String(record.path), -1],
  },
  read('exists', 'exists', [OP.exists], false),
  read('exists', 'exists', [OP.exists], true),
  read('get', 'get', [OP.getData], false),
  read('get', 'get', [OP.getData], true),
  read('children', 'children', [OP.getChildren, OP.getChildren2], false),
  read('children', 'children', [OP.getChildren, OP.getChildren2], true),
  {
    id: 'set',
    title: 'set of one version is sent as recorded',
    ops: [OP.setData],
    is: (record) => Number(record.version) >= 0 && bytesIn(record) > 0,
    words: (record) => ['set', String(record.path), data(record), Number(record.version)],
  },
  {
    id: 'set-any',
    title: 'set of any version is sent as recorded',
    ops: [OP.setData],
    is: (record) => record.version === -1 && bytesIn(record) > 0,
    words: (record) => ['set', String(record.path), data(record), -1],
  },
  {
    id: 'set-null-data',
    title: 'set of null data is sent as recorded',
    ops: [OP.setData],
    is: (record) => record.data === null,
    words: (record) => ['set', String(record.path), 'null', Number(record.version)],
  },
  {
    id: 'sync',
    title: 'sync is sent as recorded',
    ops: [OP.sync],
    is: () => true,
    words: (record) => ['sync', String(record.path)],
  },
  {
    id: 'getacl',
    title: 'getacl is sent as recorded',
    ops: [OP.getACL],
    is: () => true,
    words: (record) => ['getacl', String(record.path)],
  },
  {
    id: 'setacl',
    title: 'setacl is sent as recorded',
    ops: [OP.setACL],
    is: (record) => isOpen(record.acl),
    words: (record) => [
      'setacl',
      String(record.path),
      Number(record.version),
      31,
      'world',
      'anyone',
    ],
  },
  {
    id: 'watch-persistent',
    title: 'a persistent watch is asked for as recorded',
    ops: [OP.addWatch],
    is: (record) => record.mode === 0,
    words: (record) => ['watch', String(record.path), 'persistent'],
  },
  {
    id: 'watch-recursive',
    title: 'a recursive watch is asked for as recorded',
    ops: [OP.addWatch],
    is: (record) => record.mode === 1,
    words: (record) => ['watch', String(record.path), 'recursive'],
  },
  {
    id: 'multi',
    title: 'a transaction is sent as recorded',
    ops: [OP.multi],
    is: (record) => isSimpleMulti(record) && !hasNullData(record),
    words: (record) => ['multi', ...stepWords(record)],
  },
  {
    id: 'multi-null-data',
    title: 'a transaction with null data is sent as recorded',
    ops: [OP.multi],
    is: (record) => isSimpleMulti(record) && hasNullData(record),
    words: (record) => ['multi', ...stepWords(record)],
  },
];

/** Steps of a multi. */
function stepsOf(record: Fields): readonly (Fields & { op: number })[] {
  return record as unknown as readonly (Fields & { op: number })[];
}

/** Whether the lines of a driver can say all steps. */
function isSimpleMulti(record: Fields): boolean {
  const isSimple = (step: Fields & { op: number }): boolean =>
    OPEN_STEPS[step.op] !== undefined &&
    isNameable(step.path) &&
    (step.op !== OP.create || isOpen(step.acl));
  return stepsOf(record).length > 1 && stepsOf(record).every(isSimple);
}

function hasNullData(record: Fields): boolean {
  return stepsOf(record).some((step) => step.data === null);
}

/** Recorded requests of a kind. Operations with the same record count as one. */
function goldensOf(kind: Kind): readonly GoldenRequest[] {
  const ops = kind.ops.flatMap((op) => SAME_RECORD[op] ?? [op]);
  const isNamed = ({ op, record }: GoldenRequest): boolean =>
    op === OP.multi || isNameable(record.path);
  const found = goldenRequests().filter(
    (golden) => ops.includes(golden.op) && isNamed(golden) && kind.is(golden.record),
  );
  if (found.length === 0) throw new Error(`no recorded request is a ${kind.id}`);
  // Clients may take either operation where both have one record: the bytes behind the header are the same.
  const distinct = new Map(found.map((golden) => [golden.body.toString('hex'), golden]));
  return [...distinct.values()].slice(0, GOLDENS_MAX);
}

async function tryOne(t: ClientContext, kind: Kind, run: GoldenRun): Promise<void> {
  const { golden, connection } = run;
  const done = t.driver.ok(...kind.words(golden.record));
  done.catch(() => {});
  const names = [...new Set(kind.ops.flatMap((op) => SAME_RECORD[op] ?? [op]))];
  const request = await Promise.race([
    connection.expectWhere(
      ({ op }) => names.includes(op),
      `${kind.id} as an operation of ${names}`,
    ),
    done.then(() => fail('expected a request, and the client answered without one')),
  ]);
  compare(request, golden);
  connection.reply(request, goodAnswer(request));
  await done;
}

interface GoldenRun {
  readonly golden: GoldenRequest;
  readonly connection: Awaited<ReturnType<ClientContext['open']>>['connection'];
}

/** A create of a multi may be a create2: only its number differs. */
const CREATE_STEP = /00000001(?=00ffffffff)/g;

function compare(request: HeardRequest, golden: GoldenRequest): void {
  const [came, recorded] = [request.body.subarray(8), golden.body].map((bytes) =>
    request.op === OP.multi
      ? bytes.toString('hex').replace(/0000000f(?=00ffffffff)/g, '00000001')
      : bytes.toString('hex'),
  ) as [string, string];
  if (came === recorded.replace(CREATE_STEP, '00000001')) return;
  fail(
    `expected ${hexOf(golden.body, 400)} (${golden.source}), got ${hexOf(request.body.subarray(8), 400)}`,
  );
}

const GOLDEN_CHECKS: readonly ClientCheck[] = clientArea(
  'request',
  {
    source: 'recorded from the Java, C, Go and Python clients (test/fixtures)',
    meaning: 'Servers do something else than the client was told, or end its connection.',
  },
  KINDS.map((kind) => ({
    id: kind.id,
    title: kind.title,
    async run(t: ClientContext): Promise<void> {
      const goldens = goldensOf(kind);
      const { connection } = await t.open();
      for (const golden of goldens) await tryOne(t, kind, { golden, connection });
    },
  })),
);

const OTHER_CHECKS: readonly ClientCheck[] = clientArea(
  'request',
  {
    source: 'docs/protocol.md, operations; recorded from four clients',
    meaning: 'Servers do something else than the client was told, or end its connection.',
  },
  [
    {
      id: 'auth',
      title: 'a credential is sent as recorded, under the xid -4',
      async run(t) {
        const { connection } = await t.open();
        const done = t.driver.ok('auth', 'digest', Buffer.from('u:p').toString('hex'));
        done.catch(() => {});
        await connection
          .expectBytes('fffffffc 00000064 00000000 00000006 646967657374 00000003 753a70')
          .then((frame) => connection.send(authAnswer(frame.body.readInt32BE(0))));
        await done;
      },
    },
    {
      id: 'close',
      title: 'the end of the session is asked for with eight bytes',
      async run(t) {
        const { connection } = await t.open();
        const done = t.driver.ok('close');
        done.catch(() => {});
        await connection.expectBytes('........ fffffff5').then((frame) => {
          connection.send(authAnswer(frame.body.readInt32BE(0)));
          connection.end();
        });
        await done;
      },
    },
    {
      id: 'check-alone',
      title: 'a version check is sent as a step of a multi, also when it is the only one',
      meaning: 'Servers do not survive it.',
      source: 'docs/protocol.md, multi',
      async run(t) {
        const { connection } = await t.open();
        await t.exchange(connection, 'multi', 'multi', 'check', '/a', 0);
      },
    },
    {
      id: 'ttl-without-its-mode',
      title: 'a time to live with a mode that has none is refused or left out',
      meaning: 'Servers do not survive it.',
      source: 'docs/protocol.md, create modes',
      async run(t) {
        const { connection } = await t.open();
        const answered = t.driver.ask('create', '/a', '76', 0, '60000');
        answered.catch(() => {});
        const frame = await Promise.race([connection.next(), answered.then(() => null)]);
        // What was sent has been judged as it came: every frame is.
        if (frame !== null && frame.body.readInt32BE(4) !== OP.createTTL) {
          const path = { path: '/a' };
          const request = { ...frame, xid: frame.body.readInt32BE(0), op: OP.create, record: path };
          connection.reply(request, path);
        }
      },
    },
  ],
);

function authAnswer(xid: number): Buffer {
  const answer = Buffer.alloc(20);
  answer.writeInt32BE(16);
  answer.writeInt32BE(xid, 4);
  return answer;
}

export const REQUEST_CHECKS: readonly ClientCheck[] = [...GOLDEN_CHECKS, ...OTHER_CHECKS];
