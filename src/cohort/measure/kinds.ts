/** Every measure that is served. A new one is a file in this folder and a line here. @module */
import { count } from './count.ts';
import { histogram } from './histogram.ts';
import { mean } from './mean.ts';
import type { MeasureKind } from './measure.ts';
import { proportion } from './proportion.ts';
import { sum } from './sum.ts';
import { survival } from './survival.ts';
import { variance } from './variance.ts';

export const MEASURE_KINDS: readonly MeasureKind[] = [
  count,
  sum,
  mean,
  proportion,
  variance,
  histogram,
  survival,
];
