/**
 * What sum, mean and variance share: three bounded sums of one numeric column (dp/contribution),
 * so that asking for several of them draws one set of noise, at the price of all.
 * @module
 */
import type { MeasureContext, MeasureKind, ReadMeasure } from './measure.ts';

/** (max − min)² must be a 64-bit integer with room for a sum. */
const WIDEST = 1n << 24n;
/** A double holds it exactly. */
const LARGEST = 1n << 53n;

const size = (value: bigint): bigint => (value < 0n ? -value : value);

function readColumn(
  kind: 'sum' | 'mean' | 'variance',
  value: unknown,
  at: string,
  { columns, specs, report }: MeasureContext,
): ReadMeasure | undefined {
  const column = typeof value === 'string' ? columns.get(value) : undefined;
  if (column === undefined) {
    report(at, typeof value === 'string' ? 'UNKNOWN_COLUMN' : 'WRONG_TYPE');
    return undefined;
  }
  if (column.type !== 'integer' && column.type !== 'number') {
    report(at, 'NOT_NUMERIC');
    return undefined;
  }
  const { name, min, max, step } = column;
  // Equal bounds leave nothing to measure; wider ones than this need a coarser step.
  if (min === max || max - min > WIDEST || size(min) >= LARGEST || size(max) >= LARGEST) {
    report(at, 'BOUNDS_NOT_SERVED');
    return undefined;
  }
  const spec = specs[name];
  const unit = spec !== undefined && 'unit' in spec ? spec.unit : undefined;
  return {
    content: { kind: 'moments', column: name, min, max },
    released: {
      kind,
      scale: { min: Number(min), max: Number(max), step: step.toNumber() },
      unit: unit ?? '1',
    },
    form: { [kind]: name },
  };
}

/** A measure `{ [key]: "column" }` that is read from the moments of the column. */
export const momentsKind = (key: 'sum' | 'mean' | 'variance'): MeasureKind => ({
  key,
  read: (value, at, context) => readColumn(key, value, at, context),
});
