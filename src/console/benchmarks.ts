/**
 * Draws the charts of the page of benchmarks in the browser. What to draw stands in the page as JSON
 * (sandbox/benchmarks/charts.ts); nothing is fetched and nothing is sent.
 * @module
 */
import uPlot from 'uplot';

type Chart = {
  readonly title: string;
  readonly x: { readonly label: string; readonly kind: 'log' | 'time' | 'names' };
  readonly y: { readonly label: string; readonly log: boolean };
  readonly names?: readonly string[];
  readonly series: readonly {
    readonly label: string;
    readonly points: readonly (readonly [number, number])[];
  }[];
};

/** A logarithmic scale; the enum of its number exists in uPlot's types only. */
const LOG: object = { distr: 3 };
const SIZE = { width: 1080, height: 380 };

/** One colour a series, told apart by hue at equal lightness. */
const colour = (i: number): string => `hsl(${(i * 137) % 360} 65% 40%)`;

/** 0.00002 rather than 0, 1,000,000 rather than 1e6. */
const number = (value: number | null): string =>
  value === null ? '' : value.toLocaleString('en', { maximumSignificantDigits: 3 });
const numbers = (_: uPlot, at: (number | null)[]): string[] => at.map(number);

/** uPlot wants one x for all series, and null where a series has no point. */
function aligned({ series }: Chart): uPlot.AlignedData {
  const xs = [...new Set(series.flatMap(({ points }) => points.map(([x]) => x)))].sort(
    (a, b) => a - b,
  );
  const columns = series.map(({ points }) => {
    const at = new Map(points.map(([x, y]) => [x, y]));
    return xs.map((x) => at.get(x) ?? null);
  });
  return [xs, ...columns];
}

function options(chart: Chart): uPlot.Options {
  const { x, y, names = [], series } = chart;
  const paths = x.kind === 'names' ? uPlot.paths.bars?.({ size: [0.7, 40] }) : undefined;
  return {
    ...SIZE,
    height: x.kind === 'names' ? 560 : SIZE.height,
    scales: {
      x: {
        time: x.kind === 'time',
        ...(x.kind === 'log' ? LOG : {}),
        ...(x.kind === 'names' ? { range: [-0.6, names.length - 0.4] as [number, number] } : {}),
      },
      y: y.log ? LOG : {},
    },
    axes: [
      x.kind === 'names'
        ? {
            rotate: -60,
            size: 260,
            splits: names.map((_, i) => i),
            values: (_: uPlot, at: number[]) => at.map((i) => names[i] ?? ''),
          }
        : { label: x.label, ...(x.kind === 'log' ? { values: numbers } : {}) },
      { label: y.label, size: 90, values: numbers },
    ],
    series: [
      { label: x.label === '' ? 'case' : x.label },
      ...series.map(({ label }, i) => ({
        label,
        stroke: colour(i),
        ...(x.kind === 'names' ? { fill: colour(i) } : {}),
        width: 2,
        spanGaps: true,
        points: { show: x.kind !== 'names', size: 6 },
        ...(paths === undefined ? {} : { paths }),
      })),
    ],
  };
}

const data = document.getElementById('chart-data')?.textContent;
const place = document.getElementById('charts');
if (data !== undefined && place !== null) {
  for (const chart of JSON.parse(data) as Chart[]) {
    const title = document.createElement('h2');
    title.textContent = chart.title;
    const figure = document.createElement('figure');
    place.append(title, figure);
    new uPlot(options(chart), aligned(chart), figure);
  }
}
