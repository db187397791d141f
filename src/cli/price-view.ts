/** What a query costs and how exact its answer will be, in words. @module */
import type { PriceAnswer } from '../client/answers.ts';
import type { Price } from '../cohort/price.ts';
import { amountText, numberText } from './number-text.ts';
import { factLines } from './table.ts';

/** A price that was computed here, as the API writes it. */
export const priceAnswer = ({ expected, ...price }: Price): PriceAnswer => ({
  ...price,
  rho: price.rho.toString(),
  delta: price.delta.toString(),
  perMeasure: price.perMeasure.map(({ measure, rho }) => ({ measure, rho: rho.toString() })),
  expected: {
    pooled: expected.pooled,
    ...(expected.byHolder === undefined ? {} : { byHolder: expected.byHolder }),
  },
});

export function priceLines({
  rho,
  delta,
  expected,
  cells,
  deadlineSeconds,
}: PriceAnswer): string[] {
  return factLines([
    ['price at every holder', `rho ${amountText(rho)}${delta === '0/1' ? '' : `, delta ${delta}`}`],
    ...(expected.byHolder === undefined
      ? []
      : ([['noise by holder', `±${numberText(expected.byHolder)} (95 %)`]] as const)),
    ['noise pooled', `±${numberText(expected.pooled)} (95 %)`],
    ['cells', numberText(cells)],
    ['answer after', `${deadlineSeconds} s at the least`],
  ]);
}
