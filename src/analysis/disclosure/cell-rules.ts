/** Which entries of one cell of a release are hidden, measure by measure and source by source. @module */
import type { Entry } from '../entry.ts';
import type { Part } from '../measure-reader.ts';
import type { TableMeasure } from '../table-measure.ts';
import { type Hidden, isSmall, type Rule, suppressed } from './suppression.ts';

function sizeOf(entry: Entry): number {
  if (entry.kind === 'test') return Infinity;
  if (entry.kind === 'curve') return entry.curve.count;
  return entry.kind === 'incidence' ? entry.count : entry.size;
}

/** Entries that add up to a total which may be known: bins, and the rows and columns of a table. */
function totalsOf(measure: TableMeasure): number[][] {
  const all = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
  if (measure.kind === 'histogram') return [all(measure.labels.length)];
  if (measure.kind === 'trend' && measure.of === 'count') return [all(measure.labels.length)];
  if (measure.kind !== 'table') return [];
  const [rows, columns] = [measure.rows.labels.length, measure.columns.labels.length];
  return [
    ...all(rows).map((r) => all(columns).map((c) => r * columns + c)),
    ...all(columns).map((c) => all(rows).map((r) => r * columns + c)),
  ];
}

/** Where an entry reads others of its cell, one of which is hidden, it is hidden as well. */
function withReaders(entries: readonly Entry[], rules: readonly (Rule | undefined)[]) {
  const own = rules.find((rule, e) => rule !== undefined && entries[e]?.kind !== 'estimate');
  return rules.map((rule, e) => {
    const reads = entries[e]?.kind === 'estimate' || entries[e]?.kind === 'test';
    return rule ?? (reads ? own : undefined);
  });
}

/** `parts[measure]` has the parts of one cell. By measure, source and entry. */
export function hiddenInCell(
  measures: readonly TableMeasure[],
  parts: readonly (readonly Part[])[],
  minimumCell: number,
): Hidden[] {
  const counts = parts.filter((_, m) => measures[m]?.kind === 'count');
  const forced = (parts[0] ?? []).map((_, source) =>
    counts.some((own) => own[source]?.entries.some((entry) => isSmall(sizeOf(entry), minimumCell))),
  );
  return measures.map((measure, m) => {
    const own = parts[m] ?? [];
    const sizes = own.map(({ entries }) => entries.map(sizeOf));
    const hidden = suppressed({ sizes, totals: totalsOf(measure) }, minimumCell, forced);
    return hidden.map((rules, source) => withReaders(own[source]?.entries ?? [], rules));
  });
}
