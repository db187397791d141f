/** What a holder answers about budgets, read through its desk, and the shape that views rely on. @module */
import { type Static, type TSchema, Type } from 'typebox';
import { Check } from 'typebox/value';
import { check } from '../base/errors.ts';
import { DIGEST_PATTERN } from '../base/hash.ts';
import { atDesk } from './desk.ts';
import type { Io } from './io.ts';

const Text = Type.String();
const Amount = Type.Object({ rho: Text, delta: Text });

const Waiting = Type.Object({
  run: Text,
  study: Text,
  title: Text,
  plan: Text,
  rho: Text,
  analyst: Text,
  words: Text,
  given: Type.Integer(),
  need: Type.Integer(),
});
export type WaitingRun = Static<typeof Waiting>;

const Budget = Type.Object({
  holder: Text,
  epochLimit: Text,
  epochs: Type.Array(
    Type.Object({
      epoch: Type.Integer(),
      reserved: Amount,
      spent: Amount,
      limit: Type.Optional(Amount),
      left: Type.Optional(Amount),
      epsilon: Text,
      attacker: Text,
      studies: Type.Array(Text),
    }),
  ),
  studies: Type.Array(
    Type.Object({
      study: Text,
      title: Text,
      state: Text,
      honestHolders: Type.Integer(),
      signed: Amount,
      granted: Amount,
      reserved: Amount,
      spent: Amount,
      left: Amount,
      epsilon: Text,
      attacker: Text,
      epochs: Type.Array(Type.Integer()),
      keptUntil: Type.Union([Text, Type.Null()]),
      analysts: Type.Array(
        Type.Object({ analyst: Text, used: Amount, left: Type.Optional(Amount) }),
      ),
      countries: Type.Array(Type.Object({ country: Text, limit: Amount })),
      approval: Type.Optional(Type.Object({ above: Text, stewards: Type.Integer() })),
    }),
  ),
  waiting: Type.Array(Waiting),
});
export type BudgetAnswer = Static<typeof Budget>;

const View = Type.Object({
  rho: Text,
  epsilon: Text,
  /** Percent of the people in the data whom an attacker finds when it accuses 1 of 100 wrongly. */
  attacker: Text,
});
const Outsider = Type.Object({
  ...View.properties,
  /** By the law of the noise itself, or a bound by rho. */
  law: Text,
});

const History = Type.Object({
  holder: Text,
  queries: Type.Array(
    Type.Object({
      run: Text,
      study: Text,
      title: Text,
      at: Text,
      state: Text,
      code: Type.Optional(Text),
      analyst: Text,
      words: Text,
      price: Text,
      charged: Type.Boolean(),
      epochs: Type.Array(Type.Integer()),
      expected: Type.Array(Type.Object({ measure: Text, halfWidth: Type.Number() })),
      delta: Text,
      colluder: View,
      outsider: Outsider,
    }),
  ),
  grants: Type.Array(
    Type.Object({
      grant: Text,
      study: Text,
      at: Text,
      reason: Text,
      rho: Type.Optional(Text),
      delta: Type.Optional(Text),
    }),
  ),
  approvals: Type.Array(
    Type.Object({
      study: Text,
      plan: Text,
      key: Text,
      verdict: Text,
      at: Text,
      usedBy: Type.Union([Text, Type.Null()]),
    }),
  ),
  withdrawals: Type.Array(Type.Object({ at: Text, people: Type.Integer() })),
  deletions: Type.Array(Type.Object({ study: Text, version: Text, at: Text })),
});
export type HistoryAnswer = Static<typeof History>;

function read<S extends TSchema>(shape: S, answer: unknown): Static<S> {
  check(Check(shape, answer), 'INTERNAL', 'answer about budgets');
  return answer;
}

/** The part of an address that names one study. */
function ofStudy(study: string | undefined): string {
  const valid = study === undefined || DIGEST_PATTERN.test(study);
  check(valid, 'USAGE', 'a study id has 64 hexadecimal digits');
  return study === undefined ? '' : `?study=${study}`;
}

export async function askBudget(
  io: Io,
  data: string,
  study: string | undefined,
): Promise<BudgetAnswer> {
  const of = ofStudy(study);
  const answer = await atDesk(io, data, {
    running: (ask) => ask('GET', `/v1/budget${of}`),
    offline: async (_, budget) => budget.show(study),
  });
  return read(Budget, answer);
}

export async function askHistory(
  io: Io,
  data: string,
  study: string | undefined,
): Promise<HistoryAnswer> {
  const of = ofStudy(study);
  const answer = await atDesk(io, data, {
    running: (ask) => ask('GET', `/v1/budget/history${of}`),
    offline: async (_, budget) => budget.history(study),
  });
  return read(History, answer);
}
