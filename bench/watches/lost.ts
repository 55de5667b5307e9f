/** A gap where there must be none ends the turn: events that nobody heard would count as fast ones. */
export function lost(reason: string): never {
  process.stderr.write(`events were lost: ${reason}\n`);
  process.exit(1);
}
