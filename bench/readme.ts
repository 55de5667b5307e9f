/** Puts generated text between two markers of a file that people write. */

export const START_MARKER = '<!-- bench:start -->';
export const END_MARKER = '<!-- bench:end -->';

/**
 * `name` is the part of the markers before the colon. Throws when the markers are missing, doubled or
 * the wrong way round; nothing outside them changes.
 */
export function injectSection(document: string, section: string, name = 'bench'): string {
  const [startMarker, endMarker] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const start = onlyIndexOf(document, startMarker);
  const end = onlyIndexOf(document, endMarker);
  if (end < start) throw new Error(`${endMarker} comes before ${startMarker}`);
  const before = document.slice(0, start + startMarker.length);
  return `${before}\n\n${section.trim()}\n\n${document.slice(end)}`;
}

function onlyIndexOf(document: string, marker: string): number {
  const at = document.indexOf(marker);
  if (at < 0) throw new Error(`the marker ${marker} is missing`);
  if (document.indexOf(marker, at + 1) >= 0) throw new Error(`the marker ${marker} is there twice`);
  return at;
}
