/**
 * Random sequences of operations against a slow twin that keeps no balances: it remembers what
 * happened to each run and adds everything up again every time. Control: a twin that forgets open
 * reservations disagrees.
 */
import { deepEqual, equal, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { test } from 'vitest';
import { asRefusal } from '../../src/base/errors.ts';
import { Rational } from '../../src/base/rational.ts';
import { readLedger } from '../../src/ledger/fold.ts';
import { amount, LedgerScript, plain } from './ledger-script.ts';

const GRANT = Rational.of(1, 2);
const LIMIT = Rational.of(7, 10);

type Done = 'reserve' | 'replay' | 'touch' | 'vector' | 'settle' | 'abort';
type TwinRun = { study: string; key: string; rho: Rational; done: Done[] };

class Twin {
  readonly runs = new Map<string, TwinRun>();
  readonly forgetful: boolean;
  readonly #stored: string[] = [];

  constructor(forgetful = false) {
    this.forgetful = forgetful;
  }

  spent(study?: string): Rational {
    const counts = ({ done }: TwinRun): boolean =>
      done[0] === 'reserve' &&
      !done.includes('abort') &&
      (!this.forgetful || done.includes('touch'));
    return [...this.runs.values()]
      .filter((run) => (study === undefined || run.study === study) && counts(run))
      .reduce((sum, { rho }) => sum.plus(rho), Rational.ZERO);
  }

  reserve(study: string, name: string, key: string, rho: Rational): string {
    const run = this.runs.get(name);
    if (run !== undefined) {
      const { done } = run;
      const same = run.study === study && run.key === key;
      if (!same || (done[0] === 'reserve' && !run.rho.equals(rho))) return 'CONFLICT';
      return done.includes('abort') ? 'PROTOCOL_STATE' : 'known';
    }
    const replay = this.#stored.includes(key);
    if (!replay && this.spent(study).plus(rho).compare(GRANT) > 0) return 'BUDGET_EXHAUSTED';
    if (!replay && this.spent().plus(rho).compare(LIMIT) > 0) return 'HOLDER_LIMIT_EXHAUSTED';
    this.runs.set(name, { study, key, rho, done: [replay ? 'replay' : 'reserve'] });
    return replay ? 'replay' : 'charge';
  }

  step(name: string, what: 'touch' | 'vector' | 'settle' | 'abort'): string {
    const run = this.runs.get(name);
    if (run === undefined) return 'PROTOCOL_STATE';
    const { done } = run;
    const has = (step: Done): boolean => done.includes(step);
    // The only vector a script offers is the run's own: a replay has another one already.
    if (has(what)) return 'done';
    const legal = {
      touch: has('reserve') && !has('abort'),
      vector: has('touch') && !has('settle'),
      settle: has('vector') || (has('replay') && !has('abort')),
      abort: !has('touch') && !has('settle'),
    }[what];
    if (!legal) return 'PROTOCOL_STATE';
    done.push(what);
    if (what === 'vector' && !this.#stored.includes(run.key)) this.#stored.push(run.key);
    return 'written';
  }
}

const operation = fc.record({
  what: fc.constantFrom('reserve', 'reserve', 'touch', 'vector', 'settle', 'abort'),
  run: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
  key: fc.constantFrom('k', 'l', 'm', 'n'),
  tenths: fc.integer({ min: 1, max: 5 }),
});

type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

const attempt = (call: () => string): string => {
  try {
    return call();
  } catch (error) {
    return asRefusal(error).code;
  }
};

function compare(operations: readonly Operation[], twin: Twin): LedgerScript {
  const ledger = new LedgerScript('lu', { holder: amount(LIMIT.toString()) });
  for (const study of ['one', 'two']) ledger.grant(study, amount(GRANT.toString()));
  for (const { what, run, key, tenths } of operations) {
    const rho = Rational.of(tenths, 10);
    const study = key < 'm' ? 'one' : 'two'; // a vector key belongs to one study
    if (what === 'reserve') {
      const asked = { rho, delta: Rational.ZERO };
      const got = attempt(() => ledger.reserve(study, run, key, asked).kind);
      equal(got, twin.reserve(study, run, key, rho));
    } else {
      const got = attempt(() => (ledger[what](run) ? 'written' : 'done'));
      equal(got, twin.step(run, what));
    }
    for (const name of ['one', 'two']) {
      const left = ledger.left(name);
      equal(left, GRANT.minus(twin.spent(name)).toString());
      equal(Rational.parse(left).sign() >= 0, true);
    }
    equal(twin.spent().atMost(LIMIT), true);
  }
  return ledger;
}

test('never overspends, and agrees with the twin at every step', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
      const ledger = compare(operations, new Twin());
      deepEqual(plain(readLedger('lu', ledger.entries)), plain(ledger.state));
    }),
    { numRuns: 150 },
  );
});

test('control: a twin that forgets open reservations is told apart', () => {
  throws(() => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        compare(operations, new Twin(true));
      }),
    );
  });
});
