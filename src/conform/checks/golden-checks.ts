import { OP } from '../../codec/index.ts';
import { APACHE, type AreaCheck, area, type ServerCheck } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { RECORDINGS, type Recording } from '../recordings.gen.ts';
import { replay, topNodes, uses } from '../replay.ts';
import * as ask from '../requests.ts';

/** First sentence of its description, without what it says of the server. */
function storyOf({ description }: Recording): string {
  return description.replace(/\. .*$/, '').replace(/ \(server: .*\)$/, '');
}

/** What a recording makes has names of its own: it must not be there, and must not stay. */
async function refuseLeftovers(t: CheckContext, paths: readonly string[]): Promise<void> {
  const s = await t.session();
  for (const path of paths) {
    if ((await s.call(ask.exists(path))).err === 0) {
      t.excuse(`the server has a node ${path}, which the recording would make`);
    }
  }
  await s.close();
}

/** Recordings with a create2 in a multi, which 3.8.0 answers as a create. */
const OLD_MULTIS: ReadonlySet<string> = new Set(['kazoo-multi']);

/** Conversations of real clients with a real server, held again with this one. */
export const GOLDEN_CHECKS: readonly ServerCheck[] = area(
  'golden',
  'A real client would see other bytes than from a real server.',
  RECORDINGS.map((recording: Recording): AreaCheck => {
    return {
      id: recording.name,
      title: `${recording.client}: ${storyOf(recording)}`,
      source: `recorded from ${recording.server} (test/fixtures/sessions/${recording.name}.json)`,
      profiles: OLD_MULTIS.has(recording.name) ? ['3.8'] : APACHE,
      alone: true,
      async run(t) {
        if (uses(recording, OP.createTTL)) t.needTtl();
        if (OLD_MULTIS.has(recording.name) && t.rules.create2InMulti) {
          t.excuse('recorded before ZOOKEEPER-4026: create2 in a multi is answered otherwise here');
        }
        t.needGlobalSessions();
        if (uses(recording, OP.auth)) t.needNobody();
        const paths = topNodes(recording);
        await refuseLeftovers(t, paths);
        t.leaves(paths);
        await replay(t, recording);
      },
    };
  }),
);
