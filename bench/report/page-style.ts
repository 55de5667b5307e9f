/** The page's only style sheet. Colours are pairs for light and dark; paper is always light. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --panel: #f6f7f9; --ink: #1b2430; --muted: #55606e; --line: #d5dae1;
  --grid: #e6e9ee; --axis: #7d8795; --zkwire: #1257d0; --zkwire-pale: #e7effd;
  --grey-dark: #39424e; --grey: #69737f; --grey-light: #868f9b; --missed: #b3261e; --missed-pale: #fdeceb;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #12161c; --panel: #1a2028; --ink: #e8ebf0; --muted: #a6b0bd; --line: #343d49;
    --grid: #262e38; --axis: #6f7a88; --zkwire: #74a9ff; --zkwire-pale: #16294a;
    --grey-dark: #cbd2da; --grey: #9aa4b1; --grey-light: #79838f; --missed: #ff8f86; --missed-pale: #3a1c1b;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
.page { max-width: 1120px; margin: 0 auto; padding: 0 20px 64px; }
header { padding: 40px 0 8px; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .4em; letter-spacing: -.01em; }
h2 { font-size: 1.35rem; line-height: 1.25; margin: 2.6em 0 .5em; padding-top: .8em; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.8em 0 .5em; }
p, ul.prose { max-width: 72ch; margin: .6em 0; }
ul.prose { padding-left: 1.2em; }
li { margin: .2em 0; }
a { color: var(--zkwire); }
code { font: .88em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.lead { font-size: 1.1rem; }
.fine, .note { color: var(--muted); font-size: .875rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 20px; top: 8px; background: var(--paper); padding: 4px 8px; }
:focus-visible { outline: 3px solid var(--zkwire); outline-offset: 2px; border-radius: 2px; }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 18px; list-style: none; padding: 0; margin: 1em 0 0; font-size: .95rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)); gap: 12px; padding: 0; margin: 20px 0; list-style: none; }
.tiles li { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px; margin: 0; }
.tiles strong { display: block; font-size: 1.5rem; line-height: 1.25; color: var(--zkwire); font-variant-numeric: tabular-nums; }
.tiles .missed strong { color: var(--missed); }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 420px), 1fr)); gap: 20px; align-items: start; margin: 16px 0; }
figure { margin: 0; min-width: 0; background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 14px 14px 10px; --paper: var(--panel); }
figcaption { font-weight: 600; line-height: 1.35; margin-bottom: 8px; }
svg.plot { display: block; width: 100%; height: auto; font-size: 12px; color: var(--ink); overflow: visible; }
svg.plot text { font-family: inherit; }
.swatch { display: inline-block; width: 34px; height: 14px; margin-right: 5px; vertical-align: -2px; }
.legend { display: flex; flex-wrap: wrap; gap: 1px 14px; list-style: none; margin: 0 0 4px; padding: 0; font-size: .8125rem; }
.legend li { margin: 0; white-space: nowrap; }
.legend .ours { font-weight: 600; }
.note { margin: 8px 0; max-width: none; line-height: 1.45; }
details { margin: 8px 0; }
summary { cursor: pointer; font-size: .9rem; }
section > details { border: 1px solid var(--line); border-radius: 8px; padding: 8px 14px; background: var(--panel); }
.scroll { overflow-x: auto; max-width: 100%; margin: 10px 0; }
table { border-collapse: collapse; font-size: .8125rem; line-height: 1.4; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 10px; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; white-space: nowrap; }
th { font-weight: 600; }
tbody th { font-weight: 400; }
.text { text-align: left; }
thead th { border-bottom: 2px solid var(--axis); vertical-align: bottom; white-space: normal; }
#environment td, #environment thead th { white-space: nowrap; }
tbody th.text { white-space: normal; min-width: 15ch; }
.figures table { width: 100%; }
.figures tbody th.text { min-width: 26ch; }
tr.missed > * { background: var(--missed-pale); }
tr.missed > :first-child { box-shadow: inset 4px 0 var(--missed); }
tr.missed td:nth-child(2) { color: var(--missed); font-weight: 600; }
.absent { border: 1px dashed var(--axis); border-radius: 8px; padding: 10px 14px; color: var(--muted); }
footer { margin-top: 3em; border-top: 1px solid var(--line); padding-top: 1em; }
@media (max-width: 520px) {
  .page { padding: 0 14px 40px; }
  header { padding-top: 24px; }
  h1 { font-size: 1.5rem; }
  figure { padding: 10px 8px 6px; }
  svg.plot { font-size: 13px; }
  .figures table, .figures tbody { display: block; }
  .figures thead { display: none; }
  .figures tr { display: grid; grid-template-columns: 1fr 1fr; border-bottom: 1px solid var(--line); padding: 6px 0 6px 8px; }
  .figures th, .figures td { border: 0; padding: 1px 6px; text-align: left; white-space: normal; }
  .figures tbody th.text { grid-column: 1 / -1; min-width: 0; }
  .figures td:nth-child(3) { font-weight: 600; }
  .figures td:nth-child(4)::before { content: "must "; }
  .figures td:nth-child(5)::before { content: "aim "; }
  .figures td:nth-child(6), .figures td:nth-child(7) { color: var(--muted); }
}
@media print {
  :root {
    --paper: #fff; --panel: #fff; --ink: #000; --muted: #333; --line: #bbb; --grid: #ddd; --axis: #666;
    --zkwire: #1257d0; --grey-dark: #222; --grey: #666; --grey-light: #8a8a8a; --missed: #b3261e; --missed-pale: #fff;
  }
  body { font-size: 10.5pt; }
  .page { max-width: none; padding: 0; }
  nav, .skip, figure details { display: none; }
  .charts { grid-template-columns: 1fr 1fr; }
  figure, tr, .tiles li { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .scroll { overflow: visible; }
  th, td, #environment td, #environment thead th { white-space: normal; padding: 2px 5px; font-size: 8pt; }
  .figures td:not(:nth-child(n + 6)) { white-space: nowrap; }
  #environment td, #environment thead th, #environment tbody th { padding: 2px 3px; font-size: 6.5pt; }
}
`;
