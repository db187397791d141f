/** What may still be asked of a study (sandbox/study-budget.ts), as it is answered. @module */
import { Type } from 'typebox';
import { Amount, DigestText } from './shapes.ts';

const Amounts = Type.Object({ rho: Amount, delta: Amount });

export const BudgetShape = Type.Object({
  study: DigestText,
  honestHolders: Type.Integer(),
  holders: Type.Array(
    Type.Object({
      name: Type.String(),
      country: Type.String(),
      /** By the study; stewards may have granted more since. */
      signed: Amounts,
      /** As it last showed in a run; none before the first. */
      spent: Type.Optional(Amounts),
      left: Type.Optional(Amounts),
    }),
  ),
  analystLimit: Type.Optional(Amounts),
  countryLimits: Type.Array(Type.Object({ country: Type.String(), limit: Amounts })),
  approval: Type.Optional(Type.Object({ above: Amount, stewards: Type.Integer() })),
});
