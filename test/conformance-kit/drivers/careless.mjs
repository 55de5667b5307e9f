// The driver of zkwire, made worse: it tells no failure from another, ends at one, or knows few commands.
const how = process.argv[3];
const write = process.stdout.write.bind(process.stdout);

/** What the good driver prints, changed. */
process.stdout.write = (text) => {
  if (how === 'few' || !text.includes('\terror\t')) return write(text);
  if (how === 'crash') process.kill(process.pid, 'SIGKILL');
  return write(text.replace(/\terror\t[^\t\n]*/, '\terror\tuntyped'));
};

if (how === 'few') {
  const { hasOwn } = Object;
  Object.hasOwn = (object, name) => name !== 'sync' && hasOwn(object, name);
}

await import('./zkwire.mjs');
