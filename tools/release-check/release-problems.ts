/** What a release is judged by. */
export interface ReleaseFacts {
  readonly manifest: {
    readonly version: string;
    readonly private?: boolean;
    readonly repository?: string | { readonly url?: string };
  };
  /** Version in package-lock.json. */
  readonly lockedVersion: string;
  /** Text of CHANGELOG.md. */
  readonly changelog: string;
  /** `v1.2.3`; null where there is no tag yet. */
  readonly tag: string | null;
}

const SECTION = /^## (.+)$/gm;

/** What stands in the way of publishing, one text each, with what to do. */
export function releaseProblems(facts: ReleaseFacts): string[] {
  const { manifest, lockedVersion, tag } = facts;
  const { version } = manifest;
  const problems: string[] = [];
  if (!/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version)) {
    problems.push(`package.json: '${version}' is no version`);
  }
  if (lockedVersion !== version) {
    problems.push(
      `package-lock.json has version ${lockedVersion}, not ${version}: run npm install`,
    );
  }
  if (manifest.private === true) problems.push('package.json: the package is private');
  if (repositoryUrl(manifest.repository) === undefined) {
    problems.push(
      'package.json: repository is missing; npm compares it with where the provenance comes from',
    );
  }
  if (tag !== null && tag !== `v${version}`) {
    problems.push(`the tag is ${tag}, and the version ${version}: the tag must be v${version}`);
  }
  return [...problems, ...changelogProblems(facts.changelog, version)];
}

function repositoryUrl(repository: ReleaseFacts['manifest']['repository']): string | undefined {
  return typeof repository === 'string' ? repository : repository?.url;
}

/** The newest section must be that of the version, `## 1.2.3 (2027-01-31)`, and say something. */
function changelogProblems(changelog: string, version: string): string[] {
  const sections = [...changelog.matchAll(SECTION)];
  const [first, second] = sections;
  const title = first?.[1] ?? '';
  const found = /^(\S+) \(\d{4}-\d{2}-\d{2}\)$/.exec(title);
  if (found?.[1] !== version) {
    return [
      `CHANGELOG.md: the first section must be '## ${version} (date as 2027-01-31)', and is '## ${title}'`,
    ];
  }
  const text = changelog.slice((first?.index ?? 0) + title.length + 3, second?.index);
  return text.trim() === '' ? [`CHANGELOG.md: the section of ${version} is empty`] : [];
}
