/**
 * The page of published results: tables that are read without a script, and charts where one runs. It is
 * the same text served by the sandbox (scripts and styles by address, under its content security policy)
 * and written by `bench:publish` to one file (both inside it).
 * @module
 */
import { chartsOf } from './charts.ts';
import { growthOf } from './growth.ts';
import type { Recorded, Results } from './results.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? '');

/** JSON inside a script element: no `</script>` and no comment can end it early. */
const embed = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

const row = (cells: readonly string[], tag: 'td' | 'th' = 'td'): string =>
  `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;

const table = (caption: string, head: readonly string[], rows: readonly string[][]): string =>
  `<table><caption>${escapeHtml(caption)}</caption><thead>${row(head, 'th')}</thead>` +
  `<tbody>${rows.map((cells) => row(cells)).join('\n')}</tbody></table>`;

const HEAD = [
  'case',
  'size',
  'median',
  'spread',
  'samples',
  'against',
  'bytes an item',
  'peak MB',
  'load',
];

export const peersText = ({ peers }: Pick<Recorded, 'peers'>): string =>
  Object.entries(peers)
    .map(([name, ratio]) => `${ratio} × ${name}`)
    .join(', ');

const cellsOf = (entry: Recorded): string[] => [
  entry.case,
  entry.size.toLocaleString('en'),
  `${entry.median} ${entry.unit}`,
  `${(100 * entry.spread).toFixed(1)} %`,
  String(entry.samples),
  peersText(entry),
  entry.bytesPerItem === null ? '' : String(entry.bytesPerItem),
  String(entry.peakRssMb),
  String(entry.load),
];

function growthTable(latest: Results): string {
  const rows = growthOf(latest.measurements).map(({ case: name, sizes, slope }) => [
    name,
    sizes.map((size) => size.toLocaleString('en')).join(', '),
    slope.toFixed(2),
  ]);
  return rows.length === 0
    ? ''
    : table('Growth: slope of log time against log size', ['case', 'sizes', 'slope'], rows);
}

/** How script and style come into the page. */
export type Assets =
  | { readonly script: string; readonly style: string; readonly inline: true }
  | { readonly script: string; readonly style: string; readonly inline: false };

function head({ inline, script, style }: Assets): string {
  return inline
    ? `<style>${style}</style><script type="module">${script.replaceAll('</script', '<\\/script')}</script>`
    : `<link rel="stylesheet" href="${escapeHtml(style)}"><script type="module" src="${escapeHtml(script)}"></script>`;
}

/** `runs` oldest first; the last one is the one that is shown. */
export function benchmarksPage(runs: readonly Results[], assets: Assets): string {
  const latest = runs.at(-1);
  const body =
    latest === undefined
      ? '<p>No results have been published.</p>'
      : [
          `<p>${escapeHtml(latest.machine)}; commit ${escapeHtml(latest.commit)}; ${escapeHtml(latest.date)}.</p>`,
          '<p>Ratios compare contenders of one run. Times belong to that machine and its load: run ' +
            '<code>npx kakehashi bench</code> for yours.</p>',
          '<div id="charts"></div>',
          table('Measurements', HEAD, latest.measurements.map(cellsOf)),
          growthTable(latest),
          table(
            'What is timed',
            ['case', 'from start to end'],
            [...new Map(latest.measurements.map(({ case: name, timed }) => [name, timed]))].map(
              ([name, timed]) => [name, timed],
            ),
          ),
        ].join('\n');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Kakehashi benchmarks</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
${head(assets)}</head><body><main><h1>Kakehashi 架け橋: benchmarks</h1>
${body}
<script type="application/json" id="chart-data">${embed(chartsOf(runs))}</script>
</main></body></html>
`;
}
