import type { FourLetterWord } from '../words/word-names.ts';
import { FOUR_LETTER_WORDS } from '../words/word-names.ts';
import { badOption } from './option-checks.ts';
import { parseProperties } from './properties.ts';
import { resolveOptions } from './resolve-options.ts';
import type { ServerOptions } from './server-options.ts';
import { noteProvider, readSasl } from './zoo-cfg-sasl.ts';
import {
  FILE_SETTINGS,
  isOfNoConcern,
  JVM_PROPERTIES,
  type OptionsDraft,
  PROPERTY_SETTINGS,
  type Setting,
  UNSUPPORTED,
} from './zoo-cfg-settings.ts';
import { readTls } from './zoo-cfg-tls.ts';

/** What a `zoo.cfg` says. */
export interface ZooCfg {
  /** For `createServer`. What the file leaves open is as in ZooKeeper. */
  readonly options: ServerOptions;
  /** What is not as the file wants it, each one line of text for people; empty when everything is. */
  readonly notes: readonly string[];
}

/**
 * Reads ZooKeeper's configuration file, with the system properties (`-Dname=value`) that are given
 * beside it. The files that it names (PEM, JAAS) are read too.
 *
 * Throws a ZkwireError with code `BAD_ARGUMENT` that names the line and the setting when a value makes
 * no sense or a file that it names cannot be used. No secret is in the message.
 */
export function readZooCfg(
  text: string,
  systemProperties: Readonly<Record<string, string>> = {},
): ZooCfg {
  // ZooKeeper listens on all addresses unless told otherwise, ticks each 3 s, and makes no TTL nodes.
  const asZooKeeper = {
    host: '*',
    secureHost: '*',
    tickTimeMs: 3_000,
    extendedTypesEnabled: false,
  };
  const reader = new ZooCfgReader(asZooKeeper, systemProperties);
  // The last of several lines with one key counts.
  const settings = new Map<string, Setting>();
  for (const { key, value, line } of parseProperties(text)) {
    settings.set(key.trim(), { name: key.trim(), value: value.trim(), where: `line ${line}` });
  }
  for (const setting of settings.values()) reader.fileSetting(setting);
  return reader.finish();
}

/** What system properties (`-Dname=value`) say where there is no file. Throws as {@link readZooCfg} does. */
export function readSystemProperties(properties: Readonly<Record<string, string>>): ZooCfg {
  return new ZooCfgReader({}, properties).finish();
}

class ZooCfgReader {
  readonly #options: OptionsDraft;
  readonly #notes: string[] = [];
  /** By the names of the properties, which can be longer than what is written; the file wins over the command line, as in ZooKeeper. */
  readonly #properties = new Map<string, Setting>();
  readonly #members: Setting[] = [];

  constructor(options: OptionsDraft, systemProperties: Readonly<Record<string, string>>) {
    this.#options = options;
    for (const [name, value] of Object.entries(systemProperties)) {
      this.#properties.set(name, { name, value, where: '-D' });
    }
  }

  fileSetting(setting: Setting): void {
    const { name, where } = setting;
    if (/^server\.-?\d+$/.test(name)) {
      this.#members.push(setting);
      return;
    }
    const apply = FILE_SETTINGS.get(name);
    if (apply !== undefined) {
      apply(setting, this.#options, this.#notes);
    } else if (name.startsWith('zookeeper.')) {
      const plain = name.slice('zookeeper.'.length);
      this.#notes.push(
        `${where}: ZooKeeper would not see ${name}: it puts 'zookeeper.' in front of what it does not know.` +
          ` In this file it is written ${plain}`,
      );
      this.#properties.set(name, setting);
    } else if (JVM_PROPERTIES.has(name)) {
      this.#notes.push(
        `${where}: ZooKeeper takes ${name} from the command line only, as -D${name}=`,
      );
      this.#properties.set(name, setting);
    } else {
      this.#properties.set(`zookeeper.${name}`, setting);
    }
  }

  finish(): ZooCfg {
    const options = this.#options;
    const properties = this.#properties;
    const taken = new Set<string>();
    const take = (name: string): Setting | undefined => {
      const setting = properties.get(name);
      if (setting !== undefined) taken.add(name);
      return setting;
    };
    readWords(options, this.#notes, take);
    readEnforcedAuth(options, take);
    readSasl(options, this.#notes, take);
    readTls(options, this.#notes, take);
    for (const [name, setting] of properties) {
      if (!taken.has(name)) this.#property(name, setting);
    }
    this.#noteMembers();
    // Says now, and not at the start, what does not go together.
    resolveOptions(options);
    return { options, notes: this.#notes };
  }

  #property(property: string, setting: Setting): void {
    const apply = PROPERTY_SETTINGS.get(property);
    if (apply !== undefined) apply(setting, this.#options, this.#notes);
    else if (property.startsWith('zookeeper.authProvider.')) noteProvider(setting, this.#notes);
    else this.#noteUnknown(property, setting);
  }

  #noteUnknown(property: string, { name, where }: Setting): void {
    const reason = UNSUPPORTED.find(([pattern]) => pattern.test(property))?.[1];
    if (reason !== undefined) this.#notes.push(`${where}: ${name}: ${reason}`);
    else if (!isOfNoConcern(property)) this.#notes.push(`${where}: ${name} is not understood`);
  }

  /** One server line is one node, which ZooKeeper too starts on its own. */
  #noteMembers(): void {
    if (this.#members.length < 2) return;
    const names = this.#members.map(({ name }) => name).join(', ');
    this.#notes.push(
      `${this.#members[0]!.where}: ${names}: this is one node, and no member of an ensemble: it serves alone,` +
        ' with data of its own. For an ensemble start Apache ZooKeeper with this file; it can go on with' +
        ' the data directory',
    );
  }
}

type Take = (name: string) => Setting | undefined;

function readWords(options: OptionsDraft, notes: string[], take: Take): void {
  const words = new Set<FourLetterWord>();
  // Says only that a member of an ensemble may become read-only; a node on its own never does.
  if (take('readonlymode.enabled')?.value.toLowerCase() === 'true') words.add('isro');
  const whitelist = take('zookeeper.4lw.commands.whitelist');
  for (const item of whitelist?.value.split(',') ?? []) {
    const word = item.trim();
    if (word === '*') {
      options.fourLetterWords = '*';
      return;
    }
    if (FOUR_LETTER_WORDS.includes(word as FourLetterWord)) words.add(word as FourLetterWord);
    else if (word !== '') notes.push(`${whitelist?.where}: there is no four-letter word '${word}'`);
  }
  if (words.size > 0) options.fourLetterWords = [...words];
}

function readEnforcedAuth(options: OptionsDraft, take: Take): void {
  const enabled = take('zookeeper.enforce.auth.enabled');
  const schemes = take('zookeeper.enforce.auth.schemes');
  if (enabled?.value.toLowerCase() !== 'true') return;
  if (schemes === undefined) {
    throw badOption(`${enabled.where}: enforce.auth.enabled needs enforce.auth.schemes`);
  }
  options.enforcedAuthSchemes = schemes.value.split(',').map((scheme) => scheme.trim());
}
