/** What a person reads of a benchmark run in the terminal. @module */
import type { Measurement } from '../src/sandbox/benchmarks/results.ts';

const HEAD = ['case', 'size', 'median', 'spread', 'samples', 'peak MB', 'against'];

/** Columns as wide as their widest cell; the last one ends where it ends. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) =>
    Math.max(...rows.map((row) => (row[i] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const cellsOf = (row: Measurement): string[] => [
  row.case,
  String(row.size),
  `${row.median} ${row.unit}`,
  `${(row.spread * 100).toFixed(1)} %`,
  String(row.samples),
  String(row.peakRssMb),
  Object.entries(row.peers)
    .map(([name, ratio]) => `${ratio} x ${name}`)
    .join(', '),
];

/** Machine, calibration, then a row for each case and size. */
export function report(rows: readonly Measurement[]): string {
  const [first] = rows;
  if (first === undefined) return '';
  const { aesGiBs, copyGBs, nttUs } = first.calibration;
  return [
    `${first.machine}, commit ${first.commit}`,
    `AES ${aesGiBs} GiB/s, copy ${copyGBs} GB/s, NTT 4096 ${nttUs} us`,
    columns([HEAD, ...rows.map(cellsOf)]),
  ].join('\n');
}
