import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, runNode } from '../package/run-node.ts';

/** A block of code of a document, and what stands below it as its output. */
export interface DocBlock {
  readonly code: string;
  /** Lines of the block of text right behind it; none when there is no such block. */
  readonly output: readonly string[];
}

/** A block in any language, and what stands below it as its output. */
export function fencedBlocks(document: string, language: string): DocBlock[] {
  const text = readFileSync(join(ROOT, document), 'utf8');
  const fence = `^\`\`\`${language}\\n(.*?)^\`\`\`$`;
  const blocks = text.matchAll(new RegExp(`${fence}(?:\\n\\n\`\`\`text\\n(.*?)^\`\`\`$)?`, 'gms'));
  return [...blocks].map(([, code = '', output = '']) => ({
    code,
    output: output.split('\n').slice(0, -1),
  }));
}

/** The TypeScript blocks of a document. */
export function docBlocks(document: string): DocBlock[] {
  return fencedBlocks(document, 'ts');
}

/** Where documents connect to: without TLS, and with it. */
const DOC_SERVER = '127.0.0.1:2181';
const DOC_SECURE_SERVER = '127.0.0.1:2281';

/** The servers that stand in the place of those. */
export interface StandIns {
  readonly connectString: string;
  readonly secureConnectString?: string | undefined;
}

const OPTIONS = {
  strict: true,
  exactOptionalPropertyTypes: true,
  // As `tsc --init` has it.
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  target: 'es2023',
  lib: ['es2023', 'esnext.disposable'],
  module: 'nodenext',
  types: ['node'],
  outDir: 'out',
};

/** A package of somebody who uses what `dist` holds: compiles blocks as strictly as its users may, and runs them. */
export class DocPackage {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'zkwire-docs-'));

  /**
   * `context`: declarations that blocks may use, since a reader knows them from the block before.
   * `packages`: dev dependencies that blocks import.
   */
  constructor(context = '', packages: readonly string[] = []) {
    const modules = join(this.directory, 'node_modules');
    mkdirSync(modules);
    symlinkSync(ROOT, join(modules, 'zkwire'));
    for (const name of ['@types', ...packages]) {
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
    }
    writeFileSync(join(this.directory, 'package.json'), JSON.stringify({ type: 'module' }));
    writeFileSync(join(this.directory, 'context.d.ts'), `${context}\nexport {};\n`);
  }

  /** What the compiler says; '' when all is well. */
  compile(blocks: readonly DocBlock[]): string {
    blocks.forEach(({ code }, index) => {
      writeFileSync(join(this.directory, `block-${index}.ts`), `${code}\nexport {};\n`);
    });
    const config = { compilerOptions: OPTIONS, include: ['*.ts'] };
    writeFileSync(join(this.directory, 'tsconfig.json'), JSON.stringify(config));
    const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const args = [compiler, '-p', this.directory, '--pretty', 'false'];
    try {
      return execFileSync(process.execPath, args, { encoding: 'utf8' });
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  }

  /** Lines that a compiled block prints when these servers stand in the place of the document's. */
  async run(
    index: number,
    { connectString, secureConnectString = '' }: StandIns,
  ): Promise<string[]> {
    const file = join(this.directory, 'out', `block-${index}.js`);
    const script = readFileSync(file, 'utf8')
      .replaceAll(DOC_SERVER, connectString)
      .replaceAll(DOC_SECURE_SERVER, secureConnectString);
    writeFileSync(file, script);
    const lines = await runNode([file], this.directory);
    return lines.map((line) => line.replaceAll(connectString, DOC_SERVER));
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Lines without what differs from run to run: times, zxids, ids. */
export function masked(lines: readonly string[]): string[] {
  return lines.map((line) =>
    line
      .replace(/\d+\.\d+ms/, 'Nms')
      .replace(/Ms: [\d.]+/, 'Ms: N')
      .replace(/ zxid=0x[\da-f]+/, ' zxid=Z')
      .replace(/sessionId(=|":")0x[1-9a-f][\da-f]*/, 'sessionId$1S')
      .replace(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/, 'UUID'),
  );
}
