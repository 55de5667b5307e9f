import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** An Apache ZooKeeper found on this machine, and the Java that runs it. */
export interface ZooKeeperInstallation {
  /** What pointed at it: the `ZOOKEEPER_HOME` variable or Debian's package. */
  readonly source: 'ZOOKEEPER_HOME' | 'debian';
  /** The directory in which the server's jar lies. */
  readonly directory: string;
  /** Version from the jar's name, for example `3.8.0`; `unknown` when no jar carries one. */
  readonly version: string;
  /** Jars for `java -cp`, the server's own first. */
  readonly classPath: readonly string[];
  /** Path of the `java` executable. */
  readonly java: string;
}

/** Where to look. Everything has the real machine as its default; tests inject their own. */
export interface FindOptions {
  /** Read for `ZOOKEEPER_HOME`, `JAVA_HOME` and `PATH`. Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Directories that may hold Debian's `zookeeper.jar`. Default: `/usr/share/java`. */
  readonly debianDirectories?: readonly string[];
  /** Directories that may hold `java` besides those of the environment. Default: `/usr/bin`. */
  readonly javaDirectories?: readonly string[];
}

/** No ZooKeeper, or no Java to run it. The message lists what was looked for and what to do. */
export class ZooKeeperNotFound extends Error {
  override readonly name = 'ZooKeeperNotFound';
  /** The paths that were looked at, in order. */
  readonly lookedFor: readonly string[];

  constructor(what: string, lookedFor: readonly string[], remedies: readonly string[]) {
    const looked = lookedFor.map((path) => `  looked for: ${path}`);
    const todo = remedies.map((remedy) => `  to fix it:  ${remedy}`);
    super([what, ...looked, ...todo].join('\n'));
    this.lookedFor = lookedFor;
  }
}

const DEBIAN_INSTALL =
  'apt-get install --no-install-recommends libzookeeper-java default-jre-headless';

// zookeeper.jar names most of its class path in its manifest, but three of Netty's parts that TLS needs
// (codec, resolver, native-unix-common) and any logging back end are missing there.
const DEBIAN_JARS = [
  'zookeeper.jar',
  'zookeeper-jute.jar',
  'netty-buffer.jar',
  'netty-codec.jar',
  'netty-common.jar',
  'netty-handler.jar',
  'netty-resolver.jar',
  'netty-transport.jar',
  'netty-transport-native-epoll.jar',
  'netty-transport-native-unix-common.jar',
  'metrics-core.jar',
  'slf4j-api.jar',
  'slf4j-log4j12.jar',
  'log4j-1.2.jar',
];

/**
 * Finds a ZooKeeper to run: `ZOOKEEPER_HOME` when it is set (a release tarball, or a directory laid
 * out like Debian's), otherwise Debian's package. A `ZOOKEEPER_HOME` that is set but holds no
 * ZooKeeper is an error, never silently passed over.
 *
 * @throws ZooKeeperNotFound when there is no ZooKeeper or no Java.
 */
export function findZooKeeper(options: FindOptions = {}): ZooKeeperInstallation {
  const env = options.env ?? process.env;
  const found = env.ZOOKEEPER_HOME
    ? findInHome(env.ZOOKEEPER_HOME)
    : findDebian(options.debianDirectories ?? ['/usr/share/java']);
  return { ...found, java: findJava(env, options.javaDirectories ?? ['/usr/bin']) };
}

/** As `findZooKeeper`, but gives the error back instead of throwing it: for tests that skip. */
export function tryFindZooKeeper(
  options: FindOptions = {},
): ZooKeeperInstallation | ZooKeeperNotFound {
  try {
    return findZooKeeper(options);
  } catch (error) {
    if (error instanceof ZooKeeperNotFound) return error;
    throw error;
  }
}

type Jars = Omit<ZooKeeperInstallation, 'java'>;

function findInHome(home: string): Jars {
  // Releases up to 3.5.4 keep the server's jar on top, later ones in lib. Debian's zkServer.sh knows
  // /usr/share/zookeeper as its home, with the jars beside it in /usr/share/java.
  const directories = [join(home, 'lib'), home, join(home, 'share/java'), join(home, '../java')];
  for (const directory of directories) {
    if (isReadable(join(directory, 'zookeeper.jar')))
      return debianJars(directory, 'ZOOKEEPER_HOME');
    const server = list(directory).find((name) => SERVER_JAR.test(name));
    if (server !== undefined) return releaseJars(home, directory, server);
  }
  throw new ZooKeeperNotFound(
    `ZOOKEEPER_HOME is ${home}, but there is no ZooKeeper in it`,
    directories.map(
      (directory) => `${directory}/zookeeper.jar, ${directory}/zookeeper-<version>.jar`,
    ),
    [
      'set ZOOKEEPER_HOME to an unpacked release of Apache ZooKeeper',
      `unset it and ${DEBIAN_INSTALL}`,
    ],
  );
}

function findDebian(directories: readonly string[]): Jars {
  const directory = directories.find((candidate) => isReadable(join(candidate, 'zookeeper.jar')));
  if (directory !== undefined) return debianJars(directory, 'debian');
  throw new ZooKeeperNotFound(
    'there is no Apache ZooKeeper on this machine',
    [
      'the environment variable ZOOKEEPER_HOME',
      ...directories.map((path) => `${path}/zookeeper.jar`),
    ],
    [DEBIAN_INSTALL, 'or unpack a release of Apache ZooKeeper and set ZOOKEEPER_HOME to it'],
  );
}

const SERVER_JAR = /^zookeeper-(\d+\.\d+\.\d+[^/]*)\.jar$/;

function debianJars(directory: string, source: Jars['source']): Jars {
  const versioned = list(directory).find((name) => SERVER_JAR.test(name)) ?? '';
  return {
    source,
    directory,
    version: SERVER_JAR.exec(versioned)?.[1] ?? 'unknown',
    classPath: DEBIAN_JARS.map((name) => join(directory, name)).filter((jar) => isReadable(jar)),
  };
}

function releaseJars(home: string, directory: string, server: string): Jars {
  const lib = join(home, 'lib');
  const jars = list(lib).filter((name) => name.endsWith('.jar') && name !== server);
  return {
    source: 'ZOOKEEPER_HOME',
    directory,
    version: SERVER_JAR.exec(server)?.[1] ?? 'unknown',
    classPath: [join(directory, server), ...jars.map((name) => join(lib, name))],
  };
}

function findJava(env: NonNullable<FindOptions['env']>, extra: readonly string[]): string {
  const home = env.JAVA_HOME ? [join(env.JAVA_HOME, 'bin')] : [];
  const path = (env.PATH ?? '').split(delimiter).filter((directory) => directory !== '');
  const candidates = [...new Set([...home, ...path, ...extra])].map((dir) => join(dir, 'java'));
  const java = candidates.find((candidate) => isReadable(candidate, constants.X_OK));
  if (java !== undefined) return java;
  throw new ZooKeeperNotFound('there is a ZooKeeper, but no Java to run it', candidates, [
    'apt-get install --no-install-recommends default-jre-headless',
    'or set JAVA_HOME to a Java run time',
  ]);
}

function isReadable(path: string, mode: number = constants.R_OK): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}
