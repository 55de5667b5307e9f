import { defineConfig } from 'vitest/config';
import { mutantPlugin } from './test/mutants/mutant-plugin.ts';

/** What is said of a real server and does not need an ensemble or Java: the embedded one does it too. */
const ON_EMBEDDED = [
  'auth',
  'chroot',
  'client',
  'client-tls',
  'examples',
  'helpers',
  'observability',
  'operations',
  'quota',
  'reconnect',
  'sasl',
  'server-failures',
  'sessions',
  'tls',
  'transactions',
  'watch-random',
  'watches',
];

export default defineConfig({
  plugins: mutantPlugin(),
  test: {
    projects: [
      { extends: true, test: { name: 'all', include: ['test/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'embedded',
          include: ON_EMBEDDED.map((name) => `test/real/${name}.test.ts`),
          env: { ZKWIRE_TEST_SERVER: 'embedded' },
        },
      },
    ],
    setupFiles: ['./test/neutral-environment.ts'],
    // Tests that start servers take ports and cores: two files at a time is what two cores bear.
    maxWorkers: 2,
    // Limits only end what hangs: a busy machine takes many times what an idle one does.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    maxConcurrency: 2,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts', 'tools/jute-gen/**/*.ts'],
      reporter: ['text', 'json-summary'],
      thresholds: {
        lines: 95,
        'src/{codec,pipeline,transport,client}/**/*.ts': { lines: 99.5, branches: 97 },
      },
    },
  },
});
