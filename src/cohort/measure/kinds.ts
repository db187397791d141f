/** Every measure that is served. A new one is a file in this folder and a line here. @module */
import { count } from './count.ts';
import { distribution } from './distribution.ts';
import { hazards } from './hazards.ts';
import { histogram } from './histogram.ts';
import { image } from './image.ts';
import { incidence } from './incidence.ts';
import { keys } from './keys.ts';
import { linear } from './linear.ts';
import { logistic } from './logistic.ts';
import { mean } from './mean.ts';
import type { MeasureKind } from './measure.ts';
import { proportion } from './proportion.ts';
import { quantiles } from './quantiles.ts';
import { standardised } from './standardised.ts';
import { sum } from './sum.ts';
import { survival } from './survival.ts';
import { table } from './table.ts';
import { top } from './top.ts';
import { trend } from './trend.ts';
import { variance } from './variance.ts';

export const MEASURE_KINDS: readonly MeasureKind[] = [
  count,
  sum,
  mean,
  proportion,
  variance,
  histogram,
  survival,
  quantiles,
  distribution,
  table,
  standardised,
  trend,
  incidence,
  linear,
  logistic,
  hazards,
  image,
  top,
  keys,
];
