/** Puts generated text between two markers of a file that people write. */

export const START_MARKER = '<!-- bench:start -->';
export const END_MARKER = '<!-- bench:end -->';

/** Throws when the markers are missing, doubled or the wrong way round; nothing outside them changes. */
export function injectSection(document: string, section: string): string {
  const start = onlyIndexOf(document, START_MARKER);
  const end = onlyIndexOf(document, END_MARKER);
  if (end < start) throw new Error(`${END_MARKER} comes before ${START_MARKER}`);
  const before = document.slice(0, start + START_MARKER.length);
  return `${before}\n\n${section.trim()}\n\n${document.slice(end)}`;
}

function onlyIndexOf(document: string, marker: string): number {
  const at = document.indexOf(marker);
  if (at < 0) throw new Error(`the marker ${marker} is missing`);
  if (document.indexOf(marker, at + 1) >= 0) throw new Error(`the marker ${marker} is there twice`);
  return at;
}
