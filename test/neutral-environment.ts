// Before each test file: what the programs print that tests start, and compare with what is written down, hangs on
// these. A CI, a terminal and another country have them otherwise. Tests that are about one of them set it themselves.

/** Node colours what it prints of objects by them, on pipes too. */
for (const name of ['FORCE_COLOR', 'NO_COLOR', 'NODE_DISABLE_COLORS']) delete process.env[name];

/** The shell prints local time, as Java's does; the recorded answers of servers are of a machine in this zone. */
process.env.TZ = 'UTC';

/** Node's own line editor draws otherwise on a dumb terminal, also on one that a test made. */
process.env.TERM = 'xterm';
