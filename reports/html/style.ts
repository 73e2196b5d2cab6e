/** The style of the page: system fonts, light and dark, paper, and screens from 320 pixels on. */
export const style: string = `
:root {
  color-scheme: light dark;
  --page: #f6f6f4; --card: #fff; --line: #e2e2de; --soft: #efefec;
  --text: #1d1f23; --dim: #5a5f68;
  --good: #1b7a4b; --good-soft: #e3f3ea; --good-fill: #6fbf95;
  --bad: #b3261e; --bad-soft: #fce8e6; --bad-fill: #c8372d;
  --warn: #865300; --warn-soft: #fbefd5; --warn-fill: #d99a2b;
  --idle: #565b64; --idle-soft: #ececea; --idle-fill: #9a9ea6;
  --focus: #2458c5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #131417; --card: #1b1d21; --line: #31343a; --soft: #25282d;
    --text: #e9e9e7; --dim: #a6abb4;
    --good: #6fcf9c; --good-soft: #1b3427; --good-fill: #3f8f66;
    --bad: #ff9389; --bad-soft: #46211f; --bad-fill: #e5574c;
    --warn: #e9bc63; --warn-soft: #3c2f16; --warn-fill: #c98f2e;
    --idle: #b0b5bd; --idle-soft: #2b2e33; --idle-fill: #6d727b;
    --focus: #8ab0ff;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; padding: 40px 32px 56px; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
header, main, footer { max-width: 1136px; margin: 0 auto; }
h1, h2, h3, h4, p, ul, ol, dl, dd, figure { margin: 0; padding: 0; }
ul, ol { list-style: none; }
h1 { font-size: 30px; line-height: 1.22; font-weight: 650; letter-spacing: -0.015em; max-width: 34em; text-wrap: balance; }
h2 { font-size: 20px; line-height: 1.3; font-weight: 650; letter-spacing: -0.01em; }
h3 { font-size: 15px; line-height: 1.4; font-weight: 650; }
h4 { font-size: 14px; font-weight: 650; }
code { font: 0.87em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
.dim, .about, .sentence, .empty { color: var(--dim); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -999px; top: 8px; padding: 8px 12px; background: var(--card); color: var(--text); border-radius: 6px; }
.skip:focus { left: 16px; z-index: 2; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 4px; }
main:focus { outline: none; }

.eyebrow { color: var(--dim); font-size: 13px; }
.brand { color: var(--text); font-weight: 650; letter-spacing: -0.01em; margin-right: 4px; }
.verdict { margin: 28px 0 10px; font-size: 15px; }
.sentences { margin-top: 16px; display: grid; gap: 6px; }
.facts { display: flex; flex-wrap: wrap; gap: 12px 32px; margin-top: 22px; }
.facts dt { color: var(--dim); font-size: 12.5px; }
.facts dd { font-size: 14px; }

.mark { display: inline-block; padding: 1px 9px; border-radius: 99px; font-size: 12.5px; line-height: 20px; font-weight: 600; white-space: nowrap; }
.verdict .mark { font-size: 15px; line-height: 26px; padding: 1px 13px; }
.mark.good { color: var(--good); background: var(--good-soft); }
.mark.bad { color: var(--bad); background: var(--bad-soft); }
.mark.warn { color: var(--warn); background: var(--warn-soft); }
.mark.idle { color: var(--idle); background: var(--idle-soft); }

.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(148px, 1fr)); gap: 1px; margin-top: 28px; background: var(--card); border: 1px solid var(--line); border-radius: 12px; overflow: hidden; }
.tiles li { box-shadow: 1px 0 0 var(--line), 0 1px 0 var(--line); padding: 15px 18px 14px; display: flex; flex-direction: column; }
.tiles .name { color: var(--dim); font-size: 13px; }
.tiles .value { font-size: 25px; line-height: 1.35; font-weight: 620; letter-spacing: -0.02em; white-space: nowrap; }
.tiles .long { font-size: 19px; line-height: 1.776; letter-spacing: -0.01em; overflow-wrap: anywhere; white-space: normal; }
.tiles .note { color: var(--dim); font-size: 12.5px; line-height: 1.4; }
.tiles .bad .value, .tiles .bad .note { color: var(--bad); }
.tiles .warn .value, .tiles .warn .note { color: var(--warn); }
.tiles .good .note { color: var(--good); }
.glyph { font-weight: 700; }
.glyph.good { color: var(--good); } .glyph.bad { color: var(--bad); } .glyph.warn { color: var(--warn); } .glyph.idle { color: var(--idle); }

section { margin-top: 24px; background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 22px 24px 24px; }
section > .about { margin-top: 2px; }
section > h2 + *, section > .about + * { margin-top: 16px; }
section > h2 + .about { margin-top: 2px; }
section h3 { margin-top: 22px; margin-bottom: 10px; }
.about { font-size: 14px; max-width: 72em; }
.empty { padding: 14px 16px; background: var(--soft); border-radius: 8px; }
main > .empty { margin-top: 24px; }

.wide { overflow-x: auto; margin-left: -24px; margin-right: -24px; padding: 2px 24px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; vertical-align: top; padding: 8px 16px 8px 0; border-bottom: 1px solid var(--line); font-weight: 400; }
th:last-child, td:last-child { padding-right: 0; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { color: var(--dim); font-size: 12.5px; white-space: nowrap; vertical-align: bottom; padding-top: 0; }
.number { text-align: right; white-space: nowrap; }
tbody th { min-width: 150px; }
td:not(.number) { min-width: 104px; } td:not(:has(> *)) { min-width: 130px; }
td[data-sort] { white-space: nowrap; min-width: 0; }
td code, th code { white-space: nowrap; }
td .sentence, th .sentence, td .reason, th .reason { display: block; font-size: 13px; }
.reason { color: var(--text); margin-top: 4px; }
#objectives > .wide tbody th { min-width: 260px; }
thead button { all: unset; cursor: pointer; color: inherit; font: inherit; }
thead button:hover { color: var(--text); text-decoration: underline; text-underline-offset: 3px; }
thead button:focus-visible { outline: 2px solid var(--focus); outline-offset: 3px; border-radius: 3px; }
thead [aria-sort=ascending] button::after { content: " ↑"; }
thead [aria-sort=descending] button::after { content: " ↓"; }
.filter { display: flex; align-items: center; gap: 8px; margin-bottom: 12px; font-size: 13px; color: var(--dim); }
.filter input { font: inherit; color: var(--text); background: var(--page); border: 1px solid var(--idle-fill); border-radius: 6px; padding: 4px 9px; width: 220px; max-width: 100%; }
details { margin-top: 14px; }
summary { cursor: pointer; color: var(--dim); font-size: 13.5px; width: fit-content; }
summary:hover { color: var(--text); }
details[open] > summary { margin-bottom: 12px; }

.graph { display: block; max-width: 100%; height: auto; margin: 6px auto 0; }
.graph.large { max-width: none; }
.graph text { text-anchor: middle; font-size: 13px; fill: var(--text); }
.graph .note { font-size: 11.5px; fill: var(--dim); }
.hop rect, .hop .lid { fill: var(--card); stroke: var(--idle-fill); stroke-width: 1.25; }
.hop .lid { fill: none; }
.hop text { font-weight: 600; } .hop text.note { font-weight: 400; }
.hop.topic rect { fill: var(--soft); }
.hop.dead-letter rect, .hop.undeclared rect { stroke-dasharray: 4 3; }
.line path { fill: none; stroke: var(--idle-fill); stroke-width: 1.75; }
.line .arrow { stroke: none; fill: var(--idle-fill); }
.line.good path { stroke: var(--good-fill); } .line.good .arrow { stroke: none; fill: var(--good-fill); }
.line.bad path { stroke: var(--bad-fill); stroke-width: 2.5; } .line.bad .arrow { stroke: none; fill: var(--bad-fill); }
.line.warn path { stroke: var(--warn-fill); } .line.warn .arrow { stroke: none; fill: var(--warn-fill); }
.line.breached path:not(.arrow) { stroke-dasharray: 9 3; }
.line.indeterminate path:not(.arrow) { stroke-dasharray: 6 5; }
.line.open path:not(.arrow) { stroke-dasharray: 2 4; }
.line.no_data path:not(.arrow) { stroke-dasharray: 1 7; }
.knot circle { fill: var(--card); stroke: currentColor; stroke-width: 1.5; }
.knot.good { color: var(--good); } .knot.bad { color: var(--bad); } .knot.warn { color: var(--warn); } .knot.idle { color: var(--idle); }
.graph .knot .sign { fill: currentColor; font-size: 12px; font-weight: 700; }
.graph .knot .label { fill: currentColor; font-size: 12px; font-weight: 600; }
.graph .knot.good .label { font-weight: 400; }

.strip-row { display: grid; grid-template-columns: minmax(120px, 210px) 1fr 136px; gap: 16px; align-items: center; min-height: 36px; padding: 3px 0; }
.strip-name { font-size: 13.5px; line-height: 1.3; }
.strip-sum { text-align: right; }
.strip { position: relative; height: 24px; border-radius: 4px; }
.strip svg { display: block; width: 100%; height: 24px; background: var(--soft); border-radius: 4px; }
.cell { fill: none; stroke: var(--idle-fill); }
.cell.met { stroke: var(--good-fill); stroke-width: 8; } .cell.breached { stroke: var(--bad-fill); stroke-width: 24; }
.cell.indeterminate { stroke: var(--warn-fill); stroke-width: 16; } .cell.open { stroke-width: 4; } .cell.no_data { stroke-width: 2; }
.cursor { position: absolute; top: -3px; bottom: -3px; min-width: 4px; border: 2px solid var(--text); border-radius: 3px; pointer-events: none; }
.axis { min-height: 0; }
.ticks { display: flex; justify-content: space-between; gap: 12px; color: var(--dim); font-size: 12px; padding-top: 3px; white-space: nowrap; }
.bar svg { display: block; width: 100%; height: 14px; background: var(--soft); border-radius: 4px; } .bar path { stroke: var(--idle-fill); stroke-width: 24; }
.findings .id { display: block; } .findings > li > div { min-width: 0; }
.strip-words { min-height: 22px; margin-top: 10px; color: var(--dim); font-size: 13px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; margin-top: 8px; font-size: 12.5px; color: var(--dim); }
.legend svg { vertical-align: -2px; margin-right: 5px; background: var(--soft); border-radius: 2px; }

.budget { display: inline-flex; flex-direction: column; gap: 4px; font-size: 13px; white-space: nowrap; }
.budget svg { margin-top: 6px; }
.track { fill: var(--line); }
svg.good .sure { fill: var(--good-fill); } svg.warn .sure { fill: var(--warn-fill); } svg.bad .sure { fill: var(--bad-fill); }
svg.idle .sure { fill: var(--idle-fill); }
.maybe { fill: var(--idle-fill); opacity: 0.5; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 440px), 1fr)); gap: 20px 32px; }
.burn figcaption { display: flex; justify-content: space-between; gap: 16px; font-size: 13.5px; }
.burn figcaption span { color: var(--dim); white-space: nowrap; }
.burn svg { display: block; width: 100%; height: auto; margin-top: 6px; }
.burn text { font-size: 11.5px; fill: var(--dim); } .burn .tick, .burn .end { text-anchor: end; }
.burn .grid { stroke: var(--line); } .burn .zero { stroke: var(--idle-fill); }
.burn .ideal { stroke: var(--idle-fill); stroke-dasharray: 3 4; }
.burn .band { fill: var(--idle-fill); opacity: 0.28; }
.burn .run { fill: none; stroke: var(--idle-fill); stroke-width: 2; stroke-linejoin: round; }
.burn .now { fill: var(--idle-fill); }
.burn .good .run { stroke: var(--good); } .burn .good .now { fill: var(--good); }
.burn .warn .run { stroke: var(--warn); } .burn .warn .now { fill: var(--warn); }
.burn .bad .run { stroke: var(--bad); } .burn .bad .now { fill: var(--bad); }
.burn details { margin-top: 6px; }
.more + .more { margin-top: 24px; }
.more .wide { margin-top: 8px; }

.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)); gap: 16px; }
.card { border: 1px solid var(--line); border-radius: 10px; padding: 16px 18px; }
.card h3 { margin: 0 0 8px; } .card h3 .dim, .card h3 .on { font-weight: 400; }
.card-head { display: flex; justify-content: space-between; align-items: flex-start; gap: 12px; }
.promises { display: grid; gap: 10px; margin-top: 14px; }
.promises .sentence { display: block; font-size: 13px; }
.card .about { margin-top: 12px; font-size: 13px; }
.incidents { display: grid; gap: 14px; }
.line-of { display: flex; flex-wrap: wrap; gap: 4px 10px; align-items: center; font-size: 13.5px; }
.findings { display: grid; gap: 10px; margin-top: 14px; font-size: 14px; max-width: 76em; }
section > h3 + .findings { margin-top: 0; }
.findings li { display: grid; grid-template-columns: 16px 1fr; gap: 4px; }
.findings .sentence, .findings .next { display: block; font-size: 13px; }
.next { color: var(--text); }
.reaches, .why { margin-top: 12px; font-size: 13.5px; }
#messages th, #messages td { padding-top: 6px; padding-bottom: 6px; }
#messages td:nth-child(3) { min-width: 190px; }
.rest { display: grid; gap: 4px; margin-top: 14px; font-size: 13px; color: var(--dim); }
.range .grid { stroke: var(--line); } .range .tail { stroke: var(--idle-fill); } .range .body { stroke: var(--idle-fill); stroke-width: 5; stroke-linecap: round; opacity: 0.55; }
.range .middle { fill: var(--idle); } .range .most { fill: var(--card); stroke: var(--idle-fill); stroke-width: 1.5; }
.notes { display: grid; gap: 8px; }
.notes li { display: grid; grid-template-columns: 92px 1fr; gap: 12px; align-items: start; font-size: 14px; }
.notes .mark { justify-self: start; }
.method { display: grid; gap: 10px; max-width: 68em; }
.glossary { columns: 2; column-gap: 40px; font-size: 14px; }
.glossary div { break-inside: avoid; padding: 4px 0; }
.glossary dt { font-weight: 650; display: inline; } .glossary dt::after { content: " "; }
.glossary dd { display: inline; color: var(--dim); }
footer { margin-top: 28px; color: var(--dim); font-size: 12.5px; }

@media screen and (max-width: 1120px) { .tiles { grid-template-columns: repeat(4, 1fr); } }
@media screen and (max-width: 720px) {
  body { padding: 20px 14px 36px; }
  h1 { font-size: 23px; }
  .verdict { margin-top: 18px; }
  .facts { gap: 8px 24px; }
  .tiles { grid-template-columns: 1fr 1fr; margin-top: 20px; }
  .tiles li { padding: 12px 14px; } .tiles .value { font-size: 21px; white-space: normal; }
  .tiles li:last-child:nth-child(odd) { grid-column: span 2; }
  section { padding: 18px 16px 18px; margin-top: 16px; }
  .wide { margin-left: -16px; margin-right: -16px; padding: 2px 16px; }
  .graph { max-width: none; }
  .strip-row { grid-template-columns: 1fr auto; gap: 4px 12px; margin-bottom: 14px; }
  .strip-row > .strip, .strip-row > .bar { grid-column: 1 / -1; grid-row: 2; }
  .axis > .ticks { grid-column: 1 / -1; } .axis .middle { display: none; } .axis > div:empty { display: none; }
  .notes li { grid-template-columns: 1fr; gap: 2px; }
  .glossary { columns: 1; }
  .burn text { font-size: 14.5px; }
  .stacked, .stacked tbody, .stacked tr, .stacked th, .stacked td { display: block; }
  .stacked thead { display: none; }
  .stacked tr { padding: 10px 0 12px; border-bottom: 1px solid var(--line); }
  .stacked tr:last-child { border-bottom: 0; }
  .stacked th, .stacked td { border: 0; padding: 3px 0; min-width: 0; text-align: left; white-space: normal; }
  .stacked td { display: grid; grid-template-columns: 112px 1fr; gap: 12px; align-items: start; }
  .stacked td::before { content: attr(data-label); color: var(--dim); font-size: 12.5px; padding-top: 1px; }
  .stacked td > .mark { justify-self: start; }
  #objectives > .wide tbody th { min-width: 0; padding-bottom: 8px; }
  .card { padding: 14px; }
}
@media print {
  :root {
    color-scheme: light;
    --page: #fff; --card: #fff; --line: #d4d4d0; --soft: #f2f2ef; --text: #111; --dim: #50545c;
    --good: #1b7a4b; --good-soft: #e3f3ea; --good-fill: #6fbf95; --bad: #b3261e; --bad-soft: #fce8e6; --bad-fill: #c8372d;
    --warn: #865300; --warn-soft: #fbefd5; --warn-fill: #d99a2b; --idle: #565b64; --idle-soft: #ececea; --idle-fill: #9a9ea6;
  }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { padding: 0; font-size: 10pt; }
  section { border: 0; padding: 0; margin-top: 20pt; border-radius: 0; }
  .wide { overflow: visible; margin-left: 0; margin-right: 0; padding: 0; }
  .graph, .graph.large { max-width: 100%; }
  h1 { font-size: 19pt; } h2 { font-size: 13pt; } h3 { font-size: 10.5pt; }
  .verdict { margin-top: 12pt; } .facts { gap: 6pt 20pt; } .facts dd, .about, .findings, .line-of { font-size: 9.5pt; }
  .tiles { grid-template-columns: repeat(4, 1fr); margin-top: 14pt; }
  .tiles li { padding: 7pt 9pt; } .tiles .value { font-size: 15pt; }
  table { font-size: 8.5pt; } th, td { padding: 4pt 8pt 4pt 0; }
  .number, td code, th code, td[data-sort], .budget { white-space: normal; }
  td .sentence, th .sentence, td .reason, th .reason, .budget { font-size: 8.5pt; } .mark { font-size: 8.5pt; line-height: 1.6; padding: 0 6pt; }
  tbody th, td:not(.number), td:not(:has(> *)), #messages td:nth-child(3) { min-width: 48pt; }
  .number, thead th { overflow-wrap: normal; } td.number:not(:has(> *)) { min-width: 0; }
  .axis .middle { display: none; }
  #objectives > .wide tbody th { min-width: 170pt; }
  .strip-row { grid-template-columns: 150pt 1fr 84pt; gap: 10pt; min-height: 0; }
  .charts { grid-template-columns: 1fr 1fr; }
  .skip, .filter, .strip-words, details:not([open]) { display: none; }
  h2, h3, thead, figure, .card, .tiles, .strip-row, tr, .graph-frame { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  @page { margin: 14mm; }
}
@media (prefers-reduced-motion: reduce) { * { scroll-behavior: auto; } }
`
