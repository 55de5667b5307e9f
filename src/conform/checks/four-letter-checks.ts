import { APACHE, type AreaCheck, area, type ServerCheck } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { equal, that } from '../expect.ts';

const SOURCE = "ZooKeeper Administrator's Guide; seen on 3.8.0 and 3.9.5";

/** Fails unless every pattern is found in the answer. */
function hasLines(answer: string, patterns: readonly RegExp[]): void {
  for (const pattern of patterns) that(pattern.test(answer), `a line like ${pattern}`, answer);
}

/** Words, and what their answers have. */
const ANSWERS: readonly (readonly [word: string, patterns: readonly RegExp[]])[] = [
  [
    'srvr',
    [
      /^Zookeeper version: /m,
      /^Latency min\/avg\/max: [\d.]+\/[\d.]+\/[\d.]+$/m,
      /^Received: \d+$/m,
      /^Sent: \d+$/m,
      /^Connections: \d+$/m,
      /^Outstanding: \d+$/m,
      /^Zxid: 0x[0-9a-f]+$/m,
      /^Mode: \w+/m,
      /^Node count: \d+$/m,
    ],
  ],
  ['stat', [/^Zookeeper version: /m, /^Clients:$/m, /^Latency min\/avg\/max: /m, /^Mode: /m]],
  ['conf', [/^clientPort=\d+$/m, /^dataDir=/m, /^tickTime=\d+$/m, /^maxSessionTimeout=\d+$/m]],
  ['mntr', [/^zk_version\t/m, /^zk_server_state\t/m, /^zk_znode_count\t/m]],
  ['envi', [/^Environment:$/m, /^zookeeper.version=/m]],
  ['dump', [/^Session/m]],
  ['wchs', [/^\d+ connections watching \d+ paths$/m, /^Total watches:\d+$/m]],
  ['dirs', [/^datadir_size: \d+$/m, /^logdir_size: \d+$/m]],
  ['cons', [/^ \//m]],
];

const ANSWER_CHECKS = ANSWERS.map(([word, patterns]) => ({
  id: word,
  title: `${word} is answered in its form, then the connection ends`,
  source: SOURCE,
  profiles: APACHE,
  async run(t: CheckContext) {
    t.needWord(word);
    hasLines(await t.word(word), patterns);
  },
})) satisfies AreaCheck[];

const RULES: readonly AreaCheck[] = [
  {
    id: 'ruok',
    title: 'ruok is answered by imok, without a line end',
    source: SOURCE,
    async run(t) {
      t.needWord('ruok');
      equal(await t.word('ruok'), 'imok', 'answer');
    },
  },
  {
    id: 'isro',
    title: 'isro is answered by rw, without a line end',
    source: SOURCE,
    async run(t) {
      t.needWord('isro');
      equal(await t.word('isro'), t.facts.readOnly ? 'ro' : 'rw', 'answer');
    },
  },
  {
    id: 'line-end',
    title: 'a line end behind a word, as people type it, makes no difference',
    source: SOURCE,
    async run(t) {
      t.needWord('srvr');
      hasLines(await t.word('srvr\n'), [/^Mode: /m]);
    },
  },
  {
    id: 'not-allowed',
    title: 'a word that is not on the list of those allowed is answered by a sentence that says so',
    source: SOURCE,
    profiles: APACHE,
    async run(t) {
      const word = ['ruok', 'conf', 'stat', 'mntr', 'envi', 'wchs'].find(
        (each) => !t.facts.words.has(each),
      );
      if (word === undefined)
        return t.excuse('every word is allowed here (4lw.commands.whitelist)');
      const sentence = `${word} is not executed because it is not in the whitelist.`;
      equal((await t.word(word)).trimEnd(), sentence, 'answer');
    },
  },
];

/** Words of four letters instead of a handshake. */
export const FOUR_LETTER_CHECKS: readonly ServerCheck[] = area(
  'four-letter',
  'Monitoring would not understand the server.',
  [...RULES, ...ANSWER_CHECKS],
);
