/**
 * Random adaptive sequences of loads, charges, aborts and raises, against a slow model that knows people
 * by name and adds fractions of its own kind again every time. Two things are held: the ledger decides
 * as the model does, with the code of the first ceiling that fails; and nobody ever bears more than the
 * limit, whatever was loaded where. Controls: an epoch for each load, and an analyst forgotten.
 */
import { equal, ok, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { test } from 'vitest';
import { asRefusal } from '../../src/base/errors.ts';
import { Rational } from '../../src/base/rational.ts';
import { readLedger } from '../../src/ledger/fold.ts';
import { usedByEpoch } from '../../src/ledger/people.ts';
import { amount, id, LedgerScript } from './ledger-script.ts';

/** Sixtieths, as integers: every amount below is a multiple of one. */
const UNIT = 60n;
const of = (sixtieths: bigint): Rational => Rational.of(sixtieths, UNIT);
const [GRANT, EPOCH, ANALYST, COUNTRY, HOLDER] = [60n, 48n, 30n, 90n, 100n];
const STUDIES = ['one', 'two'] as const;
type Study = (typeof STUDIES)[number];

type ModelRun = {
  study: Study;
  analyst: string;
  charge: bigint;
  people: ReadonlySet<number>;
  version: number;
  state: 'reserved' | 'touched' | 'aborted';
};

class Model {
  readonly epochOf = new Map<number, number>();
  readonly loaded = new Map<Study, { people: ReadonlySet<number>; version: number }>();
  readonly granted = new Map<Study, bigint>(STUDIES.map((study) => [study, GRANT]));
  readonly runs = new Map<string, ModelRun>();
  /** Broken on purpose by the controls. */
  readonly fault: 'none' | 'epoch-per-load' | 'no-analyst';
  #versions = 0;
  #epochs = 0;

  constructor(fault: Model['fault'] = 'none') {
    this.fault = fault;
  }

  /** The epochs of these people; who was never seen opens one. */
  load(study: Study, people: ReadonlySet<number>): { epochs: number[]; opens: boolean } {
    const fresh = [...people].filter(
      (person) => this.fault === 'epoch-per-load' || !this.epochOf.has(person),
    );
    if (fresh.length > 0) this.#epochs += 1;
    for (const person of fresh) this.epochOf.set(person, this.#epochs);
    this.loaded.set(study, { people, version: (this.#versions += 1) });
    return { epochs: this.#of(people), opens: fresh.length > 0 };
  }

  version(study: Study): number {
    return this.loaded.get(study)?.version ?? 0;
  }

  #of(people: ReadonlySet<number>): number[] {
    const epochs = new Set([...people].map((person) => this.epochOf.get(person) ?? 0));
    return [...epochs].sort((a, b) => a - b);
  }

  sum(counts: (run: ModelRun) => boolean): bigint {
    return [...this.runs.values()]
      .filter((run) => run.state !== 'aborted' && counts(run))
      .reduce((total, { charge }) => total + charge, 0n);
  }

  reserve(run: string, study: Study, analyst: string, charge: bigint): string {
    const loaded = this.loaded.get(study);
    if (loaded === undefined) return 'COHORT_CHANGED';
    const own = this.sum((one) => one.study === study);
    if (own + charge > (this.granted.get(study) ?? 0n)) return 'BUDGET_EXHAUSTED';
    const asked = this.sum((one) => one.study === study && one.analyst === analyst);
    if (this.fault !== 'no-analyst' && asked + charge > ANALYST) return 'ANALYST_LIMIT_EXHAUSTED';
    if (2n * (own + charge) > COUNTRY) return 'COUNTRY_LIMIT_EXHAUSTED';
    if (this.sum(() => true) + charge > HOLDER) return 'HOLDER_LIMIT_EXHAUSTED';
    for (const epoch of this.#of(loaded.people)) {
      if (this.epochSum(epoch) + charge > EPOCH) return 'EPOCH_LIMIT_EXHAUSTED';
    }
    const { people, version } = loaded;
    this.runs.set(run, { study, analyst, charge, people, version, state: 'reserved' });
    return 'charge';
  }

  epochSum(epoch: number): bigint {
    return this.sum(({ people }) => [...people].some((one) => this.epochOf.get(one) === epoch));
  }

  /** What a person is exposed to: the runs that counted the rows of it. */
  loss(person: number): bigint {
    return this.sum(({ people }) => people.has(person));
  }

  touch(run: string): string {
    const found = this.runs.get(run);
    if (found === undefined || found.state !== 'reserved') return 'refused';
    if (this.version(found.study) !== found.version) return 'COHORT_CHANGED';
    found.state = 'touched';
    return 'written';
  }

  abort(run: string): string {
    const found = this.runs.get(run);
    if (found === undefined || found.state !== 'reserved') return 'refused';
    found.state = 'aborted';
    return 'written';
  }
}

const people = fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 6 });
const operation = fc.oneof(
  { weight: 2, arbitrary: fc.record({ what: fc.constant('load' as const), people }) },
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant('reserve' as const),
      charge: fc.constantFrom(1n, 5n, 6n, 12n, 15n, 20n, 24n),
      analyst: fc.constantFrom('ana', 'ben'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('touch' as const), back: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('abort' as const), back: fc.nat(3) }) },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('raise' as const), by: fc.bigInt(1n, 9n) }),
  },
);
const sequence = fc.array(fc.tuple(fc.constantFrom(...STUDIES), operation), { maxLength: 50 });
type Sequence = typeof sequence extends fc.Arbitrary<infer T> ? T : never;

const attempt = (call: () => string): string => {
  try {
    return call();
  } catch (error) {
    return asRefusal(error).code;
  }
};

function compare(steps: Sequence, model: Model): LedgerScript {
  const text = (sixtieths: bigint) => amount(of(sixtieths).toString());
  const ledger = new LedgerScript('lu', { holder: text(HOLDER), epoch: text(EPOCH) });
  const ceilings = { analyst: text(ANALYST), country: { limit: text(COUNTRY), holders: 2 } };
  for (const study of STUDIES) ledger.grantOnly(study, text(GRANT));
  steps.forEach(([study, step], i) => {
    const before = (back: number): string => `run ${i - 1 - back}`;
    if (step.what === 'load') {
      const { epochs, opens } = model.load(study, new Set(step.people));
      ledger.load(study, epochs, opens, `version ${model.version(study)}`);
    } else if (step.what === 'reserve') {
      const { charge, analyst } = step;
      const run = `run ${i}`;
      const extra = { analyst, ceilings };
      const got = attempt(() => ledger.reserve(study, run, run, text(charge), extra).kind);
      equal(got, model.reserve(run, study, analyst, charge));
    } else if (step.what === 'raise') {
      ledger.raise(study, `grant ${i}`, text(step.by));
      model.granted.set(study, (model.granted.get(study) ?? 0n) + step.by);
    } else {
      const run = before(step.back);
      const expected = model[step.what](run);
      const got = attempt(() => (ledger[step.what](run) ? 'written' : 'done'));
      if (expected === 'refused')
        ok(got === 'PROTOCOL_STATE' || got === 'done' || got === 'refused');
      else equal(got, expected);
    }
    for (const [number, epoch] of ledger.state.epochs) {
      equal(usedByEpoch(epoch).rho.toString(), of(model.epochSum(number)).toString());
    }
    for (const person of model.epochOf.keys()) ok(model.loss(person) <= EPOCH, 'over the limit');
  });
  return ledger;
}

test('decides as the model does, and nobody bears more than the limit of persons', () => {
  fc.assert(
    fc.property(sequence, (steps) => {
      const ledger = compare(steps, new Model());
      equal(readLedger('lu', ledger.entries).head.hash, ledger.state.head.hash);
    }),
    { numRuns: 120 },
  );
});

for (const fault of ['epoch-per-load', 'no-analyst'] as const) {
  test(`control: a model with ${fault} is told apart`, () => {
    throws(() => {
      fc.assert(
        fc.property(sequence, (steps) => {
          compare(steps, new Model(fault));
        }),
        { numRuns: 5000, endOnFailure: true },
      );
    });
  });
}

test('a raise counts once for each signed grant, also when it is shown again', () => {
  const ledger = new LedgerScript();
  ledger.grant('study', amount('1/10'));
  equal(ledger.raise('study', 'grant', amount('1/10')), true);
  equal(ledger.raise('study', 'grant', amount('1/10')), false);
  equal(ledger.left('study'), '1/5');
  equal(ledger.grant('study', amount('1/10')), false, 'the study accepted again');
  equal(ledger.state.raises.has(id('grant')), true);
});
