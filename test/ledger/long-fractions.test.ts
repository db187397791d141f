/** Charges with ever new denominators: the ledger stays short, and never gives anything away. */
import { ok, strictEqual } from 'node:assert/strict';
import { test } from 'vitest';
import { Rational } from '../../src/base/rational.ts';
import { append } from '../../src/ledger/chain.ts';
import { type Entry, type EntryBody } from '../../src/ledger/entry.ts';
import { fold } from '../../src/ledger/fold.ts';
import { emptyState, type LedgerState, usedByAll } from '../../src/ledger/state.ts';

const TIME = '2026-01-01T00:00:00.000Z';
const id = (n: number): string => n.toString(16).padStart(64, '0');
const STUDY = id(1);

function book(state: LedgerState, body: EntryBody): LedgerState {
  const entry: Entry = append(state.head, TIME, body);
  return fold(state, [entry]);
}

/** Odd, consecutive and large: nearly coprime, as an analyst would choose them. */
const denominator = (n: number): bigint => 10n ** 17n + BigInt(2 * n + 1);

test('two hundred denominators of 18 digits: short texts, sums on the safe side', () => {
  const grant = { type: 'grant', study: STUDY, rho: '1/1', delta: '1/1000000' } as const;
  let state = book(emptyState('lu'), grant);
  let exact = Rational.ZERO;
  for (let n = 0; n < 200; n += 1) {
    const rho = Rational.of(10n ** 14n + BigInt(n), denominator(n));
    const run = id(100 + n);
    const common = { study: STUDY, run, plan: id(2), vectorKey: id(1000 + n) };
    state = book(state, {
      type: 'reserve',
      ...common,
      rho: rho.toString(),
      delta: '0/1',
      commitment: id(2000 + n),
    });
    // Every second one is given back.
    state = book(state, { type: n % 2 === 0 ? 'touch' : 'abort', run });
    if (n % 2 === 0) exact = exact.plus(rho);
  }
  const account = state.studies.get(STUDY);
  ok(account !== undefined);
  for (const part of [account.spent, account.reserved, account.left, usedByAll(state)]) {
    ok(part.rho.toString().length < 150, `${part.rho.toString().length} characters`);
  }
  ok(exact.atMost(account.spent.rho), 'spent is never below what was charged');
  ok(account.left.rho.atMost(Rational.ONE.minus(exact)), 'left is never above what is left');
  ok(account.spent.rho.minus(exact).compare(Rational.of(1n, 10n ** 50n)) < 0);
  ok(exact.toString().length > 1000, 'control: the exact sum is long');
  strictEqual(account.reserved.rho.compare(Rational.of(1n, 10n ** 50n)), -1);
});
