import { describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../../../src/codec/index.ts';
import { protocolPage } from '../../../../tools/docs/protocol-page.ts';
import { buildSchema } from '../../../../tools/jute-gen/model.ts';
import { parseSchema } from '../../../../tools/jute-gen/parse.ts';

const SMALL = `
/** Shared. */
module m {
  /** A point. */
  class Point {
    /** Across. */
    int x;
    /** Is it real? */
    boolean real;
    /** Since when. */
    long since;
  }
  /** A path. */
  class DeleteRequest {
    /** Its | name. */
    ustring name;
    /** Points. @nullable */
    vector<Point> points;
  }
}`;

const page = protocolPage(buildSchema(parseSchema('small.jute', SMALL)));

describe('protocolPage', () => {
  it('says what it was made from', () => {
    expect(page.split('\n')[0]).toBe(
      '<!-- GENERATED from small.jute and src/codec by tools/docs. Do not edit: run `npm run docs:protocol`. -->',
    );
  });

  it('documents each record with grammar, size and fields', () => {
    expect(page).toContain(`**m**: [Point](#point), [DeleteRequest](#deleterequest)

## m

Shared.

### Point

A point.

\`\`\`
Point => x:int real:boolean since:long
\`\`\`

Always 13 bytes.
`);
    expect(page).toContain(`At least 8 bytes.

| field | type | meaning |
| --- | --- | --- |
| \`name\` | \`ustring\` | Its \\| name. |
| \`points\` | \`vector<Point>?\` | Points. |
`);
  });

  it('has a row for every operation, with links to the records that there are', () => {
    for (const { code, name } of OPERATIONS) expect(page).toContain(`\n| ${code} | \`${name}\` | `);
    expect(page).toContain(
      '| 2 | `delete` | write | [DeleteRequest](#deleterequest) | – | 3.0 | |',
    );
    expect(page).toContain(
      '| 5 | `setData` | write | `SetDataRequest` | `SetDataResponse` | 3.0 | |',
    );
    expect(page).toContain(
      '| 14 | `multi` | write | [MultiOperationRecord](#multi-and-multiread) | [MultiResponse](#multi-and-multiread) | 3.4 | |',
    );
    expect(page).toContain('| – | 3.4 | only inside a multi |');
    expect(page).toContain('| 3.0 | not sent by clients |');
  });

  it('has create modes and the numbers of watches', () => {
    expect(page).toContain('| 1 | `EPHEMERAL` | `create`, `create2` | 3.0 |');
    expect(page).toContain('| 4 | `CONTAINER` | `createContainer` | 3.5.1 |');
    expect(page).toContain('4 `NodeChildrenChanged`');
  });
});
