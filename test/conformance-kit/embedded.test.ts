import { describe, expect, it } from 'vitest';
import { runServerChecks, SERVER_CHECKS, type ServerCheck } from '../../src/conform/index.ts';
import { createServer, type ServerOptions } from '../../src/server/index.ts';
import { dial } from '../../src/transport/index.ts';

const EVERYTHING_ON: ServerOptions = {
  // The shortest session is two: what is done in one must be done in that time.
  tickTimeMs: 1_000,
  containerCheckIntervalMs: 200,
  extendedTypesEnabled: true,
  enforceQuota: true,
  fourLetterWords: '*',
  maxClientConnections: 0,
};

const AS_IT_COMES: ServerOptions = {
  tickTimeMs: 1_000,
  containerCheckIntervalMs: 200,
  extendedTypesEnabled: false,
  fourLetterWords: ['srvr'],
};

/** Recordings are compared with their zxids: nothing may be deleted by itself meanwhile. */
const RECORDINGS = SERVER_CHECKS.filter(({ id }) => id.startsWith('golden/'));
const OTHERS = SERVER_CHECKS.filter((check) => !RECORDINGS.includes(check));

/** Checks that cannot be made where everything is switched on, or where little is. */
const OFF_WHEN_ON = ['ttl/switched-off', 'four-letter/not-allowed'];

describe.each(['3.8', '3.9'] as const)(
  'zkwire conform server, on the embedded server as %s',
  (release) => {
    const conform = async (
      options: ServerOptions,
      checks: readonly ServerCheck[] = OTHERS,
    ): ReturnType<typeof runServerChecks> => {
      const server = await createServer({ port: 0, release, ...options });
      const [host = '', port] = server.connectString.split(':');
      try {
        return await runServerChecks({
          dialer: (signal) => dial({ host, port: Number(port), signal }),
          server: server.connectString,
          checks,
          timeoutMs: 30_000,
        });
      } finally {
        await server.close();
      }
    };

    it('passes in full where everything is switched on', async () => {
      const report = await conform(EVERYTHING_ON);
      const failed = report.results.filter(({ outcome }) => outcome === 'fail');
      expect(failed.map(({ check, failure }) => [check.id, failure])).toEqual([]);
      const excused = report.results.filter(({ outcome }) => outcome === 'excused');
      expect(excused.map(({ check }) => check.id)).toEqual(OFF_WHEN_ON);
      expect(report.leftBehind).toEqual([]);
      expect(report.profile).toBe(release);
    });

    it('answers what is recorded as a real server did', async () => {
      const options = { extendedTypesEnabled: true, maxClientConnections: 0 };
      const report = await conform(options, RECORDINGS);
      const failed = report.results.filter(({ outcome }) => outcome === 'fail');
      expect(failed.map(({ check, failure }) => [check.id, failure])).toEqual([]);
      expect(report.results.length).toBeGreaterThanOrEqual(10);
    });

    it('passes as it comes, the checks of what is switched off among them', async () => {
      const report = await conform(AS_IT_COMES);
      const failed = report.results.filter(({ outcome }) => outcome === 'fail');
      expect(failed.map(({ check, failure }) => [check.id, failure])).toEqual([]);
      const passed = new Set(
        report.results.filter(({ outcome }) => outcome === 'pass').map(({ check }) => check.id),
      );
      expect(OFF_WHEN_ON.filter((id) => !passed.has(id))).toEqual([]);
    });
  },
);
