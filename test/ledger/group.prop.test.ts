/**
 * Requests that are decided together, in random groups, against the same one after another: the same entries to the
 * last hash, the same answers and refusals. Control: a group whose members do not see each other.
 */
import { AssertionError, deepEqual, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { test } from 'vitest';
import { asRefusal } from '../../src/base/errors.ts';
import { Rational } from '../../src/base/rational.ts';
import { reserveDecision, reserveEntry } from '../../src/ledger/filter.ts';
import { readLedger } from '../../src/ledger/fold.ts';
import { type Decide, decideEach } from '../../src/ledger/group.ts';
import { abortEntry, settleEntry, touchEntry, vectorEntry } from '../../src/ledger/transition.ts';
import { amount, id, LedgerScript, plain, TIME } from './ledger-script.ts';

const operation = fc.record({
  what: fc.constantFrom('reserve', 'reserve', 'reserve', 'touch', 'vector', 'settle', 'abort'),
  run: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  key: fc.constantFrom('k', 'l', 'm'),
  tenths: fc.integer({ min: 1, max: 4 }),
});
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

const groups = fc.array(fc.array(operation, { maxLength: 12 }), { maxLength: 6 });

function granted(): LedgerScript {
  const ledger = new LedgerScript('lu', { holder: amount('7/10') });
  for (const study of ['one', 'two']) ledger.grant(study, amount('1/2'));
  return ledger;
}

function decideOf(ledger: LedgerScript, { what, run, key, tenths }: Operation): Decide {
  switch (what) {
    case 'reserve': {
      const study = key < 'm' ? 'one' : 'two'; // a vector key belongs to one study
      const asked = ledger.request(study, run, key, {
        rho: Rational.of(tenths, 10),
        delta: Rational.ZERO,
      });
      return (state) => reserveEntry(reserveDecision(state, asked, ledger.limits), asked);
    }
    case 'touch':
      return (state) => touchEntry(state, id(run));
    case 'vector':
      return (state) => vectorEntry(state, id(run), id(`vector ${run}`));
    case 'settle':
      return (state) => settleEntry(state, id(run), id(`release ${run}`));
    case 'abort':
      return (state) => abortEntry(state, id(run));
  }
}

/** What each one is answered, one after another: the sequence behind it, or the code of its refusal. */
function alone(ledger: LedgerScript, operations: readonly Operation[]): unknown[] {
  return operations.map((one) => {
    try {
      ledger.write(decideOf(ledger, one)(ledger.state));
      return ledger.state.head.sequence;
    } catch (error) {
      return asRefusal(error).code;
    }
  });
}

/** The same in groups; `blind` lets each decide on the state before its group. */
function together(ledger: LedgerScript, all: readonly Operation[][], blind = false): unknown[] {
  return all.flatMap((group) => {
    const before = ledger.state;
    const decides = group.map((one): Decide => {
      const decide = decideOf(ledger, one);
      return blind ? () => decide(before) : decide;
    });
    const { state, entries, outcomes } = decideEach(before, TIME, decides);
    ledger.entries.push(...entries);
    ledger.state = state;
    return outcomes.map((outcome) =>
      outcome.status === 'fulfilled'
        ? outcome.value.state.head.sequence
        : asRefusal(outcome.reason).code,
    );
  });
}

function compare(all: readonly Operation[][], blind: boolean): void {
  const [one, other] = [granted(), granted()];
  deepEqual(together(other, all, blind), alone(one, all.flat()));
  deepEqual(other.entries, one.entries);
  deepEqual(plain(other.state), plain(one.state));
  deepEqual(plain(readLedger('lu', other.entries)), plain(one.state));
}

test('in groups of any size: the ledger and the answers of one after another', () => {
  fc.assert(
    fc.property(groups, (all) => {
      compare(all, false);
    }),
    { numRuns: 100 },
  );
});

test('control: members that do not see each other are told apart', () => {
  throws(
    () => {
      fc.assert(
        fc.property(groups, (all) => {
          compare(all, true);
        }),
      );
    },
    ({ cause }: Error) => cause instanceof AssertionError,
  );
});
