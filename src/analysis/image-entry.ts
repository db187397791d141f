/** Entries of an image: a named number for each field that the program answers. @module */
import type { EstimateEntry } from './entry.ts';
import { blockMean } from './measure/blocks.ts';
import { meanOf } from './measure/mean.ts';
import type { Reading } from './reading.ts';
import type { TableMeasure } from './table-measure.ts';

type ImageMeasure = Extract<TableMeasure, { readonly kind: 'image' }>;

/** Blocks are public and few; the minimum size is about rows, which a mean over blocks does not count. */
const UNCOUNTED = Number.MAX_SAFE_INTEGER;

const part = ({ values, noise }: Reading, field: number, components: number): Reading => ({
  values: values.slice(field * components, (field + 1) * components),
  noise: noise.slice(field * components, (field + 1) * components),
});

/** `holders` whose sums are in the reading. */
export function imageEntries(
  { mode, blocks, fields }: ImageMeasure,
  reading: Reading,
  holders: number,
): EstimateEntry[] {
  return fields.map(({ name, scale, unit }, i) => {
    if (mode === 'block') {
      const estimate = blockMean(name, part(reading, i, 2), scale, blocks * holders);
      return { kind: 'estimate', unit, estimate, size: UNCOUNTED };
    }
    const { value, interval, noise, count } = meanOf(part(reading, i, 3), scale);
    return {
      kind: 'estimate',
      unit,
      estimate: { name, value, interval: [interval[0], interval[1]], noise, p: null },
      size: count,
    };
  });
}
