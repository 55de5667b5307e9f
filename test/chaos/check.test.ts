import { describe, expect, it } from 'vitest';
import { checkHistory, RULES, type Rule } from '../../tools/chaos/check.ts';
import type { WriteResult } from '../../tools/chaos/history.ts';
import { goodStory, SESSION, type Story, truthOf } from './good-history.ts';

function rulesOf(story: Story): Rule[] {
  const { writes, reads } = story;
  return checkHistory({ writes, reads }, truthOf(story)).violations.map(({ rule }) => rule);
}

function written(story: Story, id: string): Story['writes'][number] {
  const found = story.writes.find((write) => write.id === id);
  if (found === undefined) throw new Error(id);
  return found;
}

function told(story: Story, id: string, changes: Partial<WriteResult>): void {
  const write = written(story, id);
  write.result = { ...(write.result as WriteResult), ...changes };
}

function logged(story: Story, id: string): Story['log'][number] {
  const found = story.log.find((write) => write.id === id);
  if (found === undefined) throw new Error(id);
  return found;
}

function unlog(story: Story, id: string): void {
  story.log = story.log.filter((write) => write.id !== id);
}

/** Appends to the log, behind everything. */
function relog(story: Story, id: string, changes: Partial<Story['log'][number]> = {}): void {
  const last = story.log.at(-1) as Story['log'][number];
  const zxid = last.zxid + 1n;
  story.log.push({ ...last, id, data: id, zxid, version: (last.version ?? 0) + 1, ...changes });
}

describe('a history that agrees with the log', () => {
  it('violates nothing', () => {
    const story = goodStory();
    expect(rulesOf(story)).toEqual([]);
    expect([story.writes.length, story.log.length, story.reads.length]).toEqual([52, 36, 24]);
  });

  it('may have an unknown write applied or not, as long as they are the first of those unknown', () => {
    const story = goodStory();
    unlog(story, 'w 0-1-5');
    expect(rulesOf(story)).toEqual([]);
    unlog(story, 'w 0-1-4');
    expect(rulesOf(story)).toEqual([]);
  });

  it('may have writes that were never sent settle whenever', () => {
    const story = goodStory();
    told(story, 'w 0-not-sent', { settleIndex: -1 });
    expect(rulesOf(story)).toEqual([]);
  });

  it('may have a write applied behind one that the leader refused, and counts those', () => {
    const story = goodStory();
    unlog(story, 'w 0-1-4');
    expect(rulesOf(story)).toEqual(['gap']);
    story.refused.push([SESSION(0), written(story, 'w 0-1-4').result?.xid ?? 0]);
    const { writes, reads } = story;
    expect(checkHistory({ writes, reads }, truthOf(story))).toEqual({
      violations: [],
      appliedBehindRefused: 1,
    });
  });

  it('may have two writes at the same time in either order', () => {
    const story = goodStory();
    const b = written(story, 'w 1-0-1');
    // One settled in the very moment in which the other was made.
    told(story, 'w 0-0-1', { settledMs: b.invokedMs });
    const [inLogA, inLogB] = [logged(story, 'w 0-0-1'), logged(story, 'w 1-0-1')];
    [inLogA.zxid, inLogB.zxid] = [inLogB.zxid, inLogA.zxid];
    told(story, 'w 0-0-1', { zxid: inLogA.zxid });
    told(story, 'w 1-0-1', { zxid: inLogB.zxid });
    story.reads = [];
    expect(rulesOf(story)).toEqual([]);
  });
});

type Spoil = (story: Story) => void;

const SPOILED: readonly [string, Rule[], Spoil][] = [
  [
    'a write that never settled',
    ['unsettled'],
    (story) => {
      written(story, 'w 0-2-7').result = null;
    },
  ],
  [
    'the last acknowledged write lost',
    ['lost'],
    (story) => {
      unlog(story, 'w 0-2-5');
      unlog(story, 'w 0-2-4');
      unlog(story, 'w 0-2-3');
      story.reads = story.reads.filter(({ data }) => data !== 'w 0-2-3');
    },
  ],
  [
    'an acknowledged write lost in the middle',
    ['lost', 'gap', 'gap'],
    (story) => {
      unlog(story, 'w 0-1-3');
      story.reads = story.reads.filter(({ data }) => data !== 'w 0-1-3');
    },
  ],
  ['an acknowledged write applied twice', ['duplicated'], (story) => relog(story, 'w 1-2-3')],
  ['an unknown write applied twice', ['duplicated'], (story) => relog(story, 'w 1-2-4')],
  ['another zxid in the reply', ['wrong-zxid'], (story) => told(story, 'w 0-0-0', { zxid: 5n })],
  [
    'another version in the reply',
    ['wrong-version'],
    (story) => {
      told(story, 'w 0-0-0', { version: 99 });
    },
  ],
  [
    'another xid in the error of an applied write',
    ['wrong-request'],
    (story) => {
      told(story, 'w 0-2-5', { xid: 1_000 });
    },
  ],
  [
    'no xid in the error of an applied write',
    ['wrong-request'],
    (story) => {
      told(story, 'w 0-2-5', { xid: null });
    },
  ],
  [
    'another session in the log',
    ['wrong-request'],
    (story) => {
      told(story, 'w 0-2-3', { sessionId: 7n });
    },
  ],
  [
    'the xid of another write in the error',
    ['wrong-request'],
    (story) => {
      told(story, 'w 0-2-7', { xid: 1 });
    },
  ],
  [
    'a write applied that was never sent',
    ['not-sent-but-applied'],
    (story) => {
      relog(story, 'w 1-not-sent', { cxid: 1_000, sessionId: SESSION(1) });
    },
  ],
  [
    'a write applied that was refused',
    ['rejected-but-applied'],
    (story) => {
      relog(story, 'w 1-rejected', { cxid: 1_000, sessionId: SESSION(1) });
    },
  ],
  [
    'an unknown write applied behind one that was not',
    ['gap'],
    (story) => {
      unlog(story, 'w 0-1-4');
      const { cxid } = logged(story, 'w 0-1-5');
      expect(cxid).toBe(14);
      unlog(story, 'w 0-1-5');
      const at = logged(story, 'w 1-1-5');
      story.log.push({
        ...at,
        id: 'w 0-1-5',
        data: 'w 0-1-5',
        sessionId: SESSION(0),
        cxid,
        zxid: at.zxid + 0n,
      });
      logged(story, 'w 0-1-5').zxid = at.zxid;
      unlog(story, 'w 1-1-5');
    },
  ],
  [
    'an unknown write applied after the fence',
    ['order'],
    (story) => {
      // Sent on connection 1, applied when connection 2 had an acknowledged write.
      const late = logged(story, 'w 0-1-5');
      const fence = logged(story, 'w 1-2-0');
      unlog(story, 'w 0-1-5');
      unlog(story, 'w 1-2-0');
      story.log.push({ ...late, zxid: fence.zxid });
      story.writes = story.writes.filter(({ id }) => id !== 'w 1-2-0');
      story.reads = story.reads.filter(({ data }) => data !== 'w 1-2-0');
    },
  ],
  [
    'two writes of a session the other way round in the log',
    ['order'],
    (story) => {
      const [a, b] = [logged(story, 'w 0-0-4'), logged(story, 'w 0-0-5')];
      [a.zxid, b.zxid] = [b.zxid, a.zxid];
    },
  ],
  [
    'xids that do not ascend',
    ['wrong-request', 'order'],
    (story) => {
      logged(story, 'w 0-0-5').cxid = 5;
    },
  ],
  [
    'replies the other way round',
    ['settle-order'],
    (story) => {
      told(story, 'w 0-0-0', { settleIndex: 1 });
      told(story, 'w 0-0-1', { settleIndex: 0 });
    },
  ],
  [
    'a write of another client that came before one it should come after',
    ['real-time'],
    (story) => {
      const [a, b] = [logged(story, 'w 0-0-1'), logged(story, 'w 1-0-1')];
      [a.zxid, b.zxid] = [b.zxid, a.zxid];
      told(story, 'w 0-0-1', { zxid: a.zxid });
      told(story, 'w 1-0-1', { zxid: b.zxid });
      story.reads = [];
    },
  ],
  ['a write that nobody made', ['invented'], (story) => relog(story, 'nobody')],
  [
    'a read of what nobody wrote',
    ['wrong-read'],
    (story) => {
      (story.reads[0] as Story['reads'][number]).data = 'nothing';
    },
  ],
  [
    'a read with the version of another write',
    ['wrong-read'],
    (story) => {
      (story.reads[0] as Story['reads'][number]).version++;
    },
  ],
  [
    'a read of a state that was not any more',
    ['stale-read'],
    (story) => {
      const [first, later] = [story.reads[0], story.reads[4]] as [
        Story['reads'][number],
        Story['reads'][number],
      ];
      const { data, mzxid, version } = first;
      Object.assign(later, { data, mzxid, version });
    },
  ],
  [
    'a read of less than the session itself had written',
    ['stale-read'],
    (story) => {
      const [first, second] = story.reads.filter(({ client }) => client === 0);
      const { data, mzxid, version } = first as Story['reads'][number];
      story.reads = [{ ...(second as Story['reads'][number]), data, mzxid, version }];
    },
  ],
  [
    'servers that do not agree',
    ['disagreement'],
    (story) => {
      story.disagreements.push(1n);
    },
  ],
];

describe('a history that contradicts the log', () => {
  it.each(SPOILED)('%s', (_, rules, spoil) => {
    const story = goodStory();
    spoil(story);
    expect(rulesOf(story)).toEqual(rules);
  });

  it('is spoiled here in every way that there is a rule for', () => {
    const covered = new Set(SPOILED.flatMap(([, rules]) => rules));
    expect([...covered].sort()).toEqual(Object.keys(RULES).sort());
  });
});
