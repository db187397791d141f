/** What a query costs and how exact its answer will be, in words. @module */
import type { PriceAnswer } from '../client/answers.ts';
import { amountText, numberText } from './number-text.ts';
import { factLines } from './table.ts';

type MeasureAnswer = PriceAnswer['perMeasure'][number];

/** Three significant digits: an expected error is no more exact than that. */
const widthText = (value: number): string =>
  Number.isInteger(value) ? numberText(value) : String(Number(value.toPrecision(3)));

function measureWords({ expected, unit }: MeasureAnswer): string {
  const { byHolder, pooled, rows } = expected;
  const shown = unit === '1' ? '' : ` ${unit}`;
  const parts = [
    ...(byHolder === undefined ? [] : [`±${widthText(byHolder)}${shown} by holder`]),
    `±${widthText(pooled)}${shown} pooled`,
  ];
  const given = rows === undefined ? '' : `, with ${numberText(rows)} rows in a cell`;
  return `${parts.join(', ')} (95 %)${given}`;
}

export function priceLines({
  rho,
  delta,
  perMeasure,
  cells,
  deadlineSeconds,
}: PriceAnswer): string[] {
  return factLines([
    ['price at every holder', `rho ${amountText(rho)}${delta === '0/1' ? '' : `, delta ${delta}`}`],
    ...perMeasure.map((own) => [`noise of ${own.measure}`, measureWords(own)] as const),
    ['cells', numberText(cells)],
    ['answer after', `${deadlineSeconds} s at the least`],
  ]);
}
