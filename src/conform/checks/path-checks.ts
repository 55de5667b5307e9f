import type { ServerCodeName } from '../../codec/index.ts';
import { APACHE, type AreaCheck, area, type ServerCheck } from '../check.ts';
import { equal } from '../expect.ts';
import * as ask from '../requests.ts';
import { SOURCE } from '../sources.ts';

/** Paths below the check's own znode, in which the node `a` is there; `null`: it is made. */
const PATHS: readonly (readonly [
  id: string,
  what: string,
  name: string,
  code: ServerCodeName | null,
])[] = [
  ['plain', 'letters and digits', 'aZ09', null],
  ['punctuation', 'punctuation', '-_.~:@!$&\'()*+,;=%20"<>?#[]{}|\\^`', null],
  ['space', 'a space', ' ', null],
  ['dot-in-front', 'a dot in front', '.x', null],
  ['dot-behind', 'a dot behind', 'x.', null],
  ['dots-between', 'two dots between letters', 'x..y', null],
  ['three-dots', 'three dots', '...', null],
  ['long', 'a name of 10,000 characters', 'x'.repeat(10_000), null],
  ['u00a0', 'U+00A0', '\u00a0', null],
  ['ud7ff', 'U+D7FF', '\ud7ff', null],
  ['uf900', 'U+F900', '\uf900', null],
  ['uffef', 'U+FFEF', '\uffef', null],
  ['dot', 'a single dot', '.', 'BADARGUMENTS'],
  ['dots', 'two dots', '..', 'BADARGUMENTS'],
  ['dot-between', 'a single dot above a name, where no such node is', './x', 'NONODE'],
  ['trailing-slash', 'a slash behind a node that is there', 'a/', 'BADARGUMENTS'],
  ['trailing-slash-of-none', 'a slash behind a node that is not there', 'none/', 'NONODE'],
  ['double-slash', 'two slashes', 'a//x', 'NONODE'],
  ['u0000', 'U+0000', 'x\u0000', 'BADARGUMENTS'],
  ['u0001', 'U+0001', 'x\u0001', 'BADARGUMENTS'],
  ['u0009', 'a tab', 'x\ty', 'BADARGUMENTS'],
  ['u001f', 'U+001F', 'x\u001f', 'BADARGUMENTS'],
  ['u007f', 'U+007F', 'x\u007f', 'BADARGUMENTS'],
  ['u009f', 'U+009F', 'x\u009f', 'BADARGUMENTS'],
  ['ue000', 'U+E000', 'x\ue000', 'BADARGUMENTS'],
  ['uf8ff', 'U+F8FF', 'x\uf8ff', 'BADARGUMENTS'],
  ['ufff0', 'U+FFF0', 'x\ufff0', 'BADARGUMENTS'],
  ['uffff', 'U+FFFF', 'x\uffff', 'BADARGUMENTS'],
  ['beyond-ffff', 'a character beyond U+FFFF', 'x\u{1f600}', 'BADARGUMENTS'],
];

const TABLE = PATHS.map(([id, what, name, code]) => ({
  id,
  title: `a path with ${what} is ${code === null ? 'taken' : `refused (${code})`}`,
  source: SOURCE.paths,
  profiles: APACHE,
  async run(t) {
    const s = await t.session();
    await s.make(t.at('a'));
    if (code === null) {
      equal(await s.make(t.at(name)), t.at(name), 'path');
      await s.ok(ask.exists(t.at(name)));
      await s.ok(ask.setData(t.at(name), 'w'));
      await s.ok(ask.remove(t.at(name)));
    } else {
      await s.refused(ask.create(t.at(name)), code);
      await s.refused(ask.create2(t.at(name)), code);
    }
  },
})) satisfies AreaCheck[];

/** Bytes that are no UTF-8, or not the shortest form. */
const BAD_TEXTS: readonly (readonly [id: string, what: string, hex: string])[] = [
  ['lone-byte', 'a byte that starts nothing', 'ff'],
  ['cut-short', 'a character that is cut short', 'e4b8'],
  ['surrogates', 'surrogates encoded one by one', 'eda0bdedb880'],
  ['overlong', 'a slash in two bytes', 'c0af'],
];

const TEXT_CHECKS = BAD_TEXTS.map(([id, what, hex]) => ({
  id: `text-${id}`,
  title: `a path that is no UTF-8 (${what}) is refused (-8): no node can have it`,
  source: SOURCE.paths,
  profiles: APACHE,
  async run(t) {
    const s = await t.session();
    const bytes = Buffer.concat([Buffer.from(t.at('x')), Buffer.from(hex, 'hex')]);
    const { op, body } = ask.create('');
    const length = Buffer.alloc(4);
    length.writeInt32BE(bytes.length);
    await s.refused(ask.raw(op, Buffer.concat([length, bytes, body.subarray(4)])), 'BADARGUMENTS');
    equal((await s.ok(ask.getChildren(t.root))).children(), [], 'children');
  },
})) satisfies AreaCheck[];

const WHOLE: readonly AreaCheck[] = [
  {
    id: 'empty',
    title: 'the empty path is refused (-8)',
    source: SOURCE.paths,
    async run(t) {
      await (await t.session()).refused(ask.create(''), 'BADARGUMENTS');
    },
  },
  {
    id: 'relative',
    title: 'a path that does not start with a slash is refused (-8)',
    source: SOURCE.paths,
    async run(t) {
      const s = await t.session();
      await s.refused(ask.create('abc'), 'BADARGUMENTS');
    },
  },
  {
    id: 'deep',
    title: 'a path of 200 levels is taken',
    source: SOURCE.paths,
    async run(t) {
      const s = await t.session();
      const paths = Array.from({ length: 200 }, (_, level) => t.root + '/n'.repeat(level + 1));
      await s.ok(ask.multi(paths.map((path) => ask.create(path))));
      await s.ok(ask.setData(paths.at(-1)!, 'w'));
      await s.ok(ask.multi(paths.reverse().map((path) => ask.remove(path))));
    },
  },
];

/** What a path may be. */
export const PATH_CHECKS: readonly ServerCheck[] = area(
  'path',
  'Nodes would get names that other clients or servers do not take.',
  [...WHOLE, ...TABLE, ...TEXT_CHECKS],
);
