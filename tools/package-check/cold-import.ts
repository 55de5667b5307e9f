import { execFileSync } from 'node:child_process';

const TURNS = 3;

/** Shortest of three times that a new process takes to import an entry point, in ms. */
export function coldImportMs(root: string, specifier: string): number {
  const code = `
    const start = performance.now();
    await import(${JSON.stringify(specifier)});
    console.log(performance.now() - start);`;
  const times = Array.from({ length: TURNS }, () =>
    Number(
      execFileSync(process.execPath, ['--input-type=module', '-e', code], {
        cwd: root,
        encoding: 'utf8',
      }),
    ),
  );
  return Math.min(...times);
}
