/** The price of a query as it is answered: exact fractions as text. @module */
import { type Static, Type } from 'typebox';
import type { Price } from '../../cohort/price.ts';
import { Amount } from './shapes.ts';

export const PriceShape = Type.Object({
  rho: Amount,
  perMeasure: Type.Array(Type.Object({ measure: Type.String(), rho: Amount })),
  delta: Amount,
  expected: Type.Object({
    byHolder: Type.Optional(Type.Number()),
    pooled: Type.Number(),
  }),
  cells: Type.Integer(),
  deadlineSeconds: Type.Integer(),
});

export function priceJson(price: Price): Static<typeof PriceShape> {
  const { byHolder, pooled } = price.expected;
  return {
    rho: price.rho.toString(),
    perMeasure: price.perMeasure.map(({ measure, rho }) => ({ measure, rho: rho.toString() })),
    delta: price.delta.toString(),
    expected: { pooled, ...(byHolder === undefined ? {} : { byHolder }) },
    cells: price.cells,
    deadlineSeconds: price.deadlineSeconds,
  };
}
