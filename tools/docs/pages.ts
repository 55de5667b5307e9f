import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiPage } from '../api-docs/api-page.ts';
import { entryPoints } from '../api-docs/public-api.ts';
import { buildSchema, checkDocumented } from '../jute-gen/model.ts';
import { parseSchema } from '../jute-gen/parse.ts';
import { errorsPage } from './errors-page.ts';
import { protocolPage } from './protocol-page.ts';

const SCHEMA_FILE = 'schema/client.jute';

/** A page that is made from the code. */
export interface GeneratedPage {
  /** Relative to the project's root. */
  readonly file: string;
  /** Its text as it should be. */
  readonly make: (root: string) => string;
}

/** Generated pages by the name that the command line has for them. */
export const PAGES: Readonly<Record<string, GeneratedPage>> = {
  api: { file: 'docs/api.md', make: (root) => apiPage(entryPoints(root)) },
  errors: {
    file: 'docs/errors.md',
    make: (root) => errorsPage(readFileSync(join(root, 'docs/errors.md'), 'utf8')),
  },
  protocol: {
    file: 'docs/protocol.md',
    make: (root) => {
      const schema = buildSchema(
        parseSchema(SCHEMA_FILE, readFileSync(join(root, SCHEMA_FILE), 'utf8')),
      );
      checkDocumented(schema);
      return protocolPage(schema);
    },
  },
};
