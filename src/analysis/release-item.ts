/** Entries of a cell as a release shows them, or shows that they are hidden. @module */
import type { CellEntry, CurveEntry, EstimateEntry, IncidenceEntry } from './entry.ts';
import type {
  Group,
  ReleaseCell,
  ReleaseCurve,
  ReleaseEstimate,
  ReleaseIncidence,
} from './released.ts';

type Shown = { readonly group: Group; readonly measure: string; readonly suppressed: boolean };

const rounded = (value: number, to: number): number =>
  to === 1 ? value : Math.round(value / to) * to + 0;

/** `rounding` is of counts of rows: of a count itself, and of the rows behind another value. */
export function shownCell(shown: Shown, entry: CellEntry, rounding: number): ReleaseCell {
  const { group, measure, suppressed } = shown;
  const { unit, estimate, counted, steady } = entry;
  const { value, interval, noise, count } = estimate;
  const wider = counted || rounding === 1 ? 0 : rounding / 2;
  return {
    group,
    measure,
    value: suppressed ? null : counted ? value : rounded(value, rounding),
    unit,
    interval: suppressed ? null : [interval[0] - wider, interval[1] + wider],
    noise: suppressed && !steady ? null : noise + wider,
    ...(counted && { count: suppressed ? null : rounded(count, rounding) }),
    suppressed,
  };
}

export function shownCurve(
  { group, measure, suppressed }: Shown,
  { unit, curve }: CurveEntry,
  minimumCell: number,
): ReleaseCurve {
  return {
    group,
    measure,
    unit,
    points: suppressed ? [] : curve.points.filter(({ atRisk }) => atRisk >= minimumCell),
    median: suppressed ? null : curve.median,
    rmst: suppressed ? null : curve.rmst,
    count: suppressed ? null : curve.count,
    suppressed,
  };
}

export function shownIncidence(
  { group, measure, suppressed }: Shown,
  { cause, unit, points, count }: IncidenceEntry,
  minimumCell: number,
): ReleaseIncidence {
  return {
    group,
    measure,
    cause,
    unit,
    points: suppressed ? [] : points.filter(({ atRisk }) => atRisk >= minimumCell),
    count: suppressed ? null : count,
    suppressed,
  };
}

export function shownEstimate(
  { group, measure, suppressed }: Shown,
  { unit, estimate }: EstimateEntry,
): ReleaseEstimate {
  const { name, value, interval, noise, p } = estimate;
  const hidden = { value: null, interval: null, noise: null, p: null };
  return {
    group,
    measure,
    name,
    unit,
    ...(suppressed ? hidden : { value, interval, noise, p }),
    suppressed,
  };
}
