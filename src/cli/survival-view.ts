/**
 * The curves and tests of a release as a clinician reads them: the pooled curves drawn, then a
 * table of medians, restricted means and survival at some times, then the log-rank test.
 * @module
 */
import type { ReleaseCurve, ReleaseTest } from '../analysis/release-table.ts';
import type { Release } from '../client/client.ts';
import { ALL_HOLDERS, groupLabel } from './group-label.ts';
import { decimalPlaces, intervalText, numberText } from './number-text.ts';
import type { ViewedStudy } from './release-view.ts';
import { survivalPlot } from './survival-plot.ts';
import { type Column, plain, tableLines } from './table.ts';

const HOLDER = 'holder';
/** Times of a curve that the table shows. */
const SHOWN_TIMES = 4;

type Group = ReleaseCurve['group'];

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];

/** The name of a group without the members in `but`. */
export function groupText(group: Group, study: ViewedStudy, but: readonly string[] = []): string {
  const rest = Object.entries(group).filter(([name]) => name !== HOLDER && !but.includes(name));
  const words = rest.map(([name, label]) => groupLabel(name, label, study.cohort.columns));
  const holder = but.includes(HOLDER) ? [] : [group[HOLDER] ?? ALL_HOLDERS];
  return plain([...holder, ...words].join(', '));
}

/** A time of each quarter of the curve, the last one included. */
function shownTimes(curves: readonly ReleaseCurve[]): number[] {
  const { points } = curves.find((curve) => curve.points.length > 0) ?? { points: [] };
  const count = Math.min(SHOWN_TIMES, points.length);
  const picked = Array.from({ length: count }, (_, i) =>
    points.at(Math.ceil(((i + 1) * points.length) / count) - 1),
  );
  return picked.flatMap((point) => (point === undefined ? [] : [point.time]));
}

const orNever = (value: number | null): string =>
  value === null ? 'not reached' : numberText(value);

const PERCENT = 100;

function curveRow(curve: ReleaseCurve, times: readonly number[], study: ViewedStudy): string[] {
  const { group, points, median, rmst, count } = curve;
  if (median === null || rmst === null) {
    return [
      groupText(group, study),
      `< ${study.minimumCell} suppressed`,
      '',
      '',
      ...times.map(() => ''),
    ];
  }
  const [low, high] = median.interval;
  const at = times.map((time) => {
    const point = points.find((one) => one.time === time);
    if (point === undefined) return '';
    const limits = point.interval.map((limit) => limit * PERCENT) as [number, number];
    return `${decimalPlaces(point.survival * PERCENT, 1)} (${intervalText(limits)})`;
  });
  return [
    groupText(group, study),
    decimalPlaces(count ?? 0, 0),
    `${orNever(median.value)} (${low === null ? 'not reached' : numberText(low)} to ${orNever(high)})`,
    `${decimalPlaces(rmst.value, 1)} (${intervalText(rmst.interval, 1)})`,
    ...at,
  ];
}

function curveTable(curves: readonly ReleaseCurve[], study: ViewedStudy): string[] {
  const times = shownTimes(curves);
  const [first] = curves;
  const unit = first === undefined || first.unit === '1' ? '' : ` ${plain(first.unit)}`;
  const until = times.at(-1);
  const columns: Column[] = [
    { title: 'group' },
    { title: 'people', align: 'right' },
    { title: `median${unit} (95 %)` },
    { title: `mean to ${until ?? ''}${unit} (95 %)` },
    ...times.map((time) => ({ title: `% at ${time}${unit}` })),
  ];
  return tableLines(
    columns,
    curves.map((curve) => curveRow(curve, times, study)),
  );
}

/** Where a test is about two groups of one table, that table has the group without the arm. */
export const pText = (p: number): string => (p < 0.0001 ? '< 0.0001' : decimalPlaces(p, 4));

/** A plain test takes the noised table for the data: its p is too small where noise matters. */
const testTitle = (name: ReleaseTest['name']): string =>
  name.endsWith('with noise') ? name : `${name} as if there were no noise`;

export const testLine = (test: ReleaseTest, study: ViewedStudy): string =>
  `${testTitle(test.name)}, ${groupText(test.group, study)}: ` +
  `chi-square ${decimalPlaces(test.chi2, 2)}, ${test.df} df, p ${pText(test.p)}`;

const unitOf = (curve: ReleaseCurve | undefined): string =>
  curve === undefined || curve.unit === '1' ? '' : curve.unit;

/** The arms of the pooled table, drawn; nothing where they are hidden. */
function plots(curves: readonly ReleaseCurve[], tests: readonly ReleaseTest[], study: ViewedStudy) {
  const pooled = curves.filter(({ group, suppressed }) => !(HOLDER in group) && !suppressed);
  const bases = new Map(tests.map(({ group }) => [JSON.stringify(group), Object.keys(group)]));
  const tables = new Map<string, ReleaseCurve[]>();
  for (const curve of pooled) {
    // The arm is the last member of a group, and the only one that its test does not have.
    const base = Object.entries(curve.group).slice(0, -1);
    const key = JSON.stringify(Object.fromEntries(base));
    const table = bases.has(key) ? key : JSON.stringify(curve.group);
    tables.set(table, [...(tables.get(table) ?? []), curve]);
  }
  return [...tables].flatMap(([key, own]) => {
    const shared = Object.keys(JSON.parse(key) as Group);
    const [first] = own;
    const title = shared.length === 0 || first === undefined ? [] : [groupText(first.group, study)];
    const labelled = own.map((curve) => ({
      label: groupText(curve.group, study, [HOLDER, ...(own.length > 1 ? shared : [])]),
      points: curve.points,
    }));
    return [
      ...title,
      ...survivalPlot(labelled, Math.min(0, first?.points[0]?.time ?? 0), unitOf(first)),
      '',
    ];
  });
}

/** Everything of the survival measures of a release. */
export function survivalLines(
  { curves, tests }: Pick<Release, 'curves' | 'tests'>,
  study: ViewedStudy,
): string[] {
  return unique(curves.map(({ measure }) => measure)).flatMap((measure) => {
    const own = curves.filter((curve) => curve.measure === measure);
    const ranked = tests.filter((test) => test.measure === measure);
    return [
      plain(measure),
      '',
      ...plots(own, ranked, study),
      ...curveTable(own, study),
      ...ranked.map((test) => testLine(test, study)),
      '',
    ];
  });
}
