import { execFileSync } from 'node:child_process';

/** Version of an installed Debian package without its revision; null where there is none. */
export function debianVersion(debianPackage: string): string | null {
  try {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own notation
    const format = '--showformat=${Version}';
    const version = execFileSync('dpkg-query', ['-W', format, debianPackage], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return version.trim().replace(/-[^-]*$/, '') || null;
  } catch {
    return null;
  }
}
