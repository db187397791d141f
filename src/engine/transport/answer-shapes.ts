/**
 * Answers that the sandbox writes and the client reads by one schema: what may still be asked of a study, and what a query
 * would cost (cohort/price.ts). At the sandbox it is the egress filter.
 * @module
 */
import { type Static, Type } from 'typebox';
import { DIGEST_PATTERN } from '../../base/hash.ts';

/** Exact fraction in lowest terms. */
export const Amount = Type.String({ pattern: '^(?:0|[1-9][0-9]*)/[1-9][0-9]*$' });
export const AmountPair = Type.Object({ rho: Amount, delta: Amount });

/** As far as members of the study may know. */
export const BudgetShape = Type.Object({
  study: Type.String({ pattern: DIGEST_PATTERN.source }),
  honestHolders: Type.Integer(),
  holders: Type.Array(
    Type.Object({
      name: Type.String(),
      country: Type.String(),
      /** By the study; stewards may have granted more since. */
      signed: AmountPair,
      /** As it last showed in a run; none before the first. */
      spent: Type.Optional(AmountPair),
      left: Type.Optional(AmountPair),
    }),
  ),
  analystLimit: Type.Optional(AmountPair),
  countryLimits: Type.Array(Type.Object({ country: Type.String(), limit: AmountPair })),
  approval: Type.Optional(Type.Object({ above: Amount, stewards: Type.Integer() })),
});

export const PriceShape = Type.Object({
  rho: Amount,
  allOthers: Type.Optional(Amount),
  perMeasure: Type.Array(
    Type.Object({
      measure: Type.String(),
      kind: Type.String(),
      rho: Amount,
      unit: Type.String(),
      /** 95 % half widths of the noise; `rows` of a cell for which they hold, where they depend on it. */
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

export type StudyBudget = Static<typeof BudgetShape>;
export type PriceAnswer = Static<typeof PriceShape>;
