import { type ACL, type Id, PERMS } from '../../client/index.ts';

/** Letters of permissions, in the order in which they are printed. */
const LETTERS: readonly (readonly [letter: string, perm: number])[] = [
  ['c', PERMS.CREATE],
  ['d', PERMS.DELETE],
  ['r', PERMS.READ],
  ['w', PERMS.WRITE],
  ['a', PERMS.ADMIN],
];

/** `cdrwa`. */
export function permsText(perms: number): string {
  return LETTERS.filter(([, perm]) => (perms & perm) !== 0)
    .map(([letter]) => letter)
    .join('');
}

/**
 * Reads `scheme:id:perms,scheme:id:perms`; the id may have colons in it. Entries that have not that form
 * and letters that mean nothing are complained of and left out, as in `zkCli.sh`.
 */
export function parseAcl(text: string, complain: (line: string) => void): ACL[] {
  const acl: ACL[] = [];
  for (const entry of entriesOf(text)) {
    const first = entry.indexOf(':');
    const last = entry.lastIndexOf(':');
    if (first === last) {
      complain(`${entry} does not have the form scheme:id:perm`);
      continue;
    }
    const id = { scheme: entry.slice(0, first), id: entry.slice(first + 1, last) };
    acl.push({ id, perms: parsePerms(entry.slice(last + 1), complain) });
  }
  return acl;
}

/** Without what is empty at the end, as Java splits. */
function entriesOf(text: string): string[] {
  return text === '' ? [''] : text.replace(/,+$/, '').split(',');
}

function parsePerms(letters: string, complain: (line: string) => void): number {
  let perms = 0;
  for (const letter of letters) {
    const known = LETTERS.find(([candidate]) => candidate === letter);
    if (known === undefined) complain(`Unknown perm type: ${letter}`);
    else perms |= known[1];
  }
  return perms;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\0', '%00'],
  ['\n', '%0A'],
  ['\r', '%0D'],
  [',', '%2C'],
  ['}', '%7D'],
  ['%', '%25'],
]);

/** The text form of jute's Id record: `'world,'anyone`. */
export function idText({ scheme, id }: Id): string {
  return `${csv(scheme)},${csv(id)}`;
}

function csv(text: string): string {
  return `'${text.replace(/[\0\n\r,}%]/g, (char) => ESCAPES.get(char) ?? char)}`;
}
