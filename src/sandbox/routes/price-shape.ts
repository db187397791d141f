/** The price of a query as it is answered (cohort/price.ts). @module */
import { Type } from 'typebox';
import { Amount } from './shapes.ts';

export const PriceShape = Type.Object({
  rho: Amount,
  allOthers: Type.Optional(Amount),
  perMeasure: Type.Array(
    Type.Object({
      measure: Type.String(),
      kind: Type.String(),
      rho: Amount,
      unit: Type.String(),
      expected: Type.Object({
        byHolder: Type.Optional(Type.Number()),
        pooled: Type.Optional(Type.Number()),
        rows: Type.Optional(Type.Number()),
      }),
      parts: Type.Optional(
        Type.Array(
          Type.Object({
            name: Type.String(),
            unit: Type.String(),
            byHolder: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
            pooled: Type.Union([Type.Number(), Type.Null()]),
          }),
        ),
      ),
    }),
  ),
  delta: Amount,
  cells: Type.Integer({ minimum: 0 }),
  deadlineSeconds: Type.Integer(),
});
