import { defineConfig } from 'vitest/config';
import { mutantPlugin } from './test/mutants/mutant-plugin.ts';

export default defineConfig({
  plugins: mutantPlugin(),
  test: {
    include: ['test/**/*.test.ts'],
    // Tests that start servers take ports and cores: two files at a time is what two cores bear.
    maxWorkers: 2,
    testTimeout: 30_000,
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
