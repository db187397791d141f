/**
 * The named numbers of a release, its tables' tests and its cumulative incidences, as a clinician reads them.
 * A number that the noised sums do not determine is said to be that, not left out.
 * @module
 */
import type { ReleaseEstimate, ReleaseIncidence } from '../analysis/release-table.ts';
import type { Release } from '../client/client.ts';
import { decimalPlaces, intervalText, placesFor } from './number-text.ts';
import type { ViewedStudy } from './release-view.ts';
import { groupText, pText, testLine } from './survival-view.ts';
import { type Column, plain, tableLines } from './table.ts';

const PERCENT = 100;
/** Times of a cumulative incidence that the table shows. */
const SHOWN_TIMES = 4;

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];

/** Two digits of the noise, or of the interval where that is told alone. */
function placesOf({ noise, interval, value }: ReleaseEstimate): number {
  const width = interval === null ? Math.abs(value ?? 1) : (interval[1] - interval[0]) / 2;
  return placesFor(Math.max(noise ?? 0, width / 10, 1e-6));
}

/** Numbers of the release itself: of them there is nothing to be uncertain about. */
const EXACT: readonly string[] = ['values shown'];

function estimateRow(estimate: ReleaseEstimate, study: ViewedStudy): string[] {
  const { group, name, value, unit, interval, noise, p, suppressed } = estimate;
  const head = [groupText(group, study), plain(name)];
  if (suppressed) return [...head, '', 'suppressed', '', ''];
  if (value === null) return [...head, '', 'not determined by the noised sums', '', ''];
  const exact = EXACT.includes(name);
  const places = exact ? 0 : placesOf(estimate);
  const shown = `${decimalPlaces(value, places)}${unit === '1' ? '' : ` ${plain(unit)}`}`;
  if (interval === null) return [...head, shown, exact ? '' : 'shrunk: no interval', '', ''];
  return [
    ...head,
    shown,
    intervalText(interval, places),
    noise === null ? '' : `±${decimalPlaces(noise, places)}`,
    p === null ? '' : pText(p),
  ];
}

const ESTIMATE_COLUMNS: Column[] = [
  { title: 'group' },
  { title: 'number' },
  { title: 'value', align: 'right' },
  { title: '95 % interval' },
  { title: 'noise' },
  { title: 'p' },
];

/** What the numbers of a model are, where their names do not say it. */
const MEANING: Readonly<Record<string, string>> = {
  linear: ' (linear regression: for one unit more)',
  logistic: ' (logistic regression: logarithms of odds and of odds ratios)',
  hazards: ' (proportional hazards: logarithms of hazard ratios)',
  trend: ' (trend: for one unit of time more)',
};

/** As the query asked for it. */
function kindOf({ query }: Pick<Release, 'query'>, measure: string): string {
  const { measures = [] } = query as { readonly measures?: readonly Record<string, unknown>[] };
  const own = measures.find(({ name }) => name === measure) ?? {};
  return Object.keys(MEANING).find((kind) => kind in own) ?? '';
}

/** Estimates and tests of measures that have no curves, measure by measure. */
export function modelLines(release: Release, study: ViewedStudy): string[] {
  const curved = new Set(release.curves.map(({ measure }) => measure));
  const tests = release.tests.filter(({ measure }) => !curved.has(measure));
  const measures = unique([...release.estimates, ...tests].map(({ measure }) => measure));
  return measures.flatMap((measure) => {
    const own = release.estimates.filter((estimate) => estimate.measure === measure);
    return [
      `${plain(measure)}${MEANING[kindOf(release, measure)] ?? ''}`,
      ...(own.length === 0
        ? []
        : tableLines(
            ESTIMATE_COLUMNS,
            own.map((estimate) => estimateRow(estimate, study)),
          )),
      ...tests.filter((test) => test.measure === measure).map((test) => testLine(test, study)),
      '',
    ];
  });
}

/** A time of each quarter of the longest curve, the last one included. */
function shownTimes(curves: readonly ReleaseIncidence[]): number[] {
  const longest = curves.reduce<ReleaseIncidence['points']>(
    (best, { points }) => (points.length > best.length ? points : best),
    [],
  );
  const count = Math.min(SHOWN_TIMES, longest.length);
  return Array.from({ length: count }, (_, i) =>
    longest.at(Math.ceil(((i + 1) * longest.length) / count) - 1),
  ).flatMap((point) => (point === undefined ? [] : [point.time]));
}

function incidenceRow(curve: ReleaseIncidence, times: readonly number[], study: ViewedStudy) {
  const head = [groupText(curve.group, study), plain(curve.cause)];
  if (curve.suppressed) {
    return [...head, `< ${study.minimumCell} suppressed`, ...times.map(() => '')];
  }
  const at = times.map((time) => {
    const point = curve.points.find((one) => one.time === time);
    if (point === undefined) return '';
    const limits = point.interval.map((limit) => limit * PERCENT) as [number, number];
    return `${decimalPlaces(point.incidence * PERCENT, 1)} (${intervalText(limits)})`;
  });
  return [...head, decimalPlaces(curve.count ?? 0, 0), ...at];
}

/** Cumulative incidences, measure by measure. */
export function incidenceLines({ incidences }: Pick<Release, 'incidences'>, study: ViewedStudy) {
  return unique(incidences.map(({ measure }) => measure)).flatMap((measure) => {
    const own = incidences.filter((curve) => curve.measure === measure);
    const times = shownTimes(own);
    const unit = own[0] === undefined || own[0].unit === '1' ? '' : ` ${plain(own[0].unit)}`;
    const columns: Column[] = [
      { title: 'group' },
      { title: 'cause' },
      { title: 'people', align: 'right' },
      ...times.map((time) => ({ title: `% by ${time}${unit} (95 %)` })),
    ];
    return [
      plain(measure),
      ...tableLines(
        columns,
        own.map((curve) => incidenceRow(curve, times, study)),
      ),
      '',
    ];
  });
}
