/**
 * Every earlier backup of a random ledger, restored: what was spent is never less than it was, runs that
 * were under way are over, and whoever saw the old ledger sees one that continues it. A backup may be of any
 * moment, and others saw what a reservation tells: head, spent and reserved. Control: without what others
 * saw the loss shows.
 */
import { deepEqual, ok, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { asRefusal } from '../../src/base/errors.ts';
import { Rational } from '../../src/base/rational.ts';
import { plus, ZERO } from '../../src/ledger/amount.ts';
import { type Amount, type Entry, headOf, type LedgerHead } from '../../src/ledger/entry.ts';
import { readLedger } from '../../src/ledger/fold.ts';
import { checkHead } from '../../src/ledger/mirror.ts';
import { usedByEpoch } from '../../src/ledger/people.ts';
import { appendRestore, restoreEntries, type SeenOfStudy } from '../../src/ledger/restore.ts';
import { analystKey, disclosuresOf, type LedgerState, type Run } from '../../src/ledger/state.ts';
import { abortEntry, settleEntry, touchEntry, vectorEntry } from '../../src/ledger/transition.ts';
import { refusal } from '../support/refusal.ts';
import { amount, id, LedgerScript } from './ledger-script.ts';

const TIME = '2026-03-02T12:00:00.000Z';
const operation = fc.record({
  what: fc.constantFrom(
    'reserve',
    'reserve',
    'touch',
    'touch',
    'vector',
    'settle',
    'abort',
    'load',
  ),
  run: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  key: fc.constantFrom('k', 'l', 'm', 'n'),
  tenths: fc.integer({ min: 1, max: 4 }),
  analyst: fc.constantFrom('ana', 'bob'),
  discloses: fc.boolean(),
  /** People of these epochs are loaded, and of one more that begins. */
  epochs: fc.subarray([1, 2, 3]),
  opens: fc.boolean(),
});
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** What others were told by a reservation. */
type Told = {
  readonly head: LedgerHead;
  readonly study: string;
  readonly used: Amount;
  readonly discloses: boolean;
};

const STUDIES = ['one', 'two'];
const ANALYSTS = ['ana', 'bob'];

const used = (state: LedgerState, study: string): Amount => {
  const { spent, reserved } = state.studies.get(id(study))!;
  return plus(spent, reserved);
};

const quietly = (work: () => unknown): void => {
  try {
    work();
  } catch (error) {
    ok(asRefusal(error).code !== 'INTERNAL');
  }
};

function play(operations: readonly Operation[]): { ledger: LedgerScript; told: Told[] } {
  const ledger = new LedgerScript('lu');
  for (const study of STUDIES) ledger.grant(study, amount('9/1'));
  const told: Told[] = [];
  for (const [i, one] of operations.entries()) {
    const { what, run, key, tenths, analyst, discloses } = one;
    const study = key < 'm' ? 'one' : 'two';
    if (what === 'load') {
      const { size } = ledger.state.epochs;
      const opens = one.opens && size < 3;
      const epochs = [...one.epochs.filter((epoch) => epoch <= size), ...(opens ? [size + 1] : [])];
      if (epochs.length > 0) ledger.load(study, epochs, opens, `version ${i}`);
    } else if (what === 'reserve') {
      quietly(() => {
        const disclosure = discloses ? { disclosure: { output: 'set', quota: 99 } } : {};
        // Each question is new, so that each run that can begin is charged.
        const asked = { analyst, ...disclosure };
        ledger.reserve(study, `${run}${i}`, `${key}${i}`, amount(`${tenths}/10`), asked);
        const { head } = ledger.state;
        told.push({ head, study, used: used(ledger.state, study), discloses });
      });
    } else {
      // Of those that are latest, mostly: a later load ends what could be touched.
      const latest = [...ledger.state.runs.keys()].reverse();
      const some = latest['abcdef'.indexOf(run) % Math.max(1, latest.length)] ?? latest[0];
      if (some !== undefined) quietly(() => STEPS[what](ledger, some));
    }
  }
  return { ledger, told };
}

const STEPS = {
  touch: (ledger: LedgerScript, run: string) => ledger.write(touchEntry(ledger.state, run)),
  vector: (ledger: LedgerScript, run: string) =>
    ledger.write(vectorEntry(ledger.state, run, id(`vector ${run}`))),
  settle: (ledger: LedgerScript, run: string) =>
    ledger.write(settleEntry(ledger.state, run, id(`release ${run}`))),
  abort: (ledger: LedgerScript, run: string) => ledger.write(abortEntry(ledger.state, run)),
};

/** Goes on from a backup with what others were told behind it. */
function restored(backup: readonly Entry[], told: readonly Told[], listens = true): Entry[] {
  const state = readLedger('lu', backup);
  const heard = listens ? told.filter(({ head }) => head.sequence > state.head.sequence) : [];
  const seen = heard
    .map(({ head }) => head)
    .reduce<LedgerHead | undefined>((a, b) => ((a?.sequence ?? 0) > b.sequence ? a : b), undefined);
  const counted = new Map<string, SeenOfStudy>();
  for (const { study, used: told_, discloses } of heard) {
    const before = counted.get(id(study));
    const most = before !== undefined && told_.rho.atMost(before.used.rho) ? before.used : told_;
    const disclosures = (before?.disclosures ?? 0) + (discloses ? 1 : 0);
    counted.set(id(study), { used: most, disclosures });
  }
  return [...backup, ...restoreEntries(state, { seen, used: counted }, TIME)];
}

const atLeast = (a: Rational, b: Rational): boolean => b.atMost(a);

const spentOf = (state: LedgerState, study: string): Rational =>
  state.studies.get(id(study))!.spent.rho;

/** What an analyst may have used, as the ceiling of analysts compares it. */
const usedBy = (state: LedgerState, study: string, analyst: string): Rational => {
  const own = state.analysts.get(analystKey(id(study), analyst))?.rho ?? Rational.ZERO;
  return own.plus(state.recovered.get(id(study))?.amount.rho ?? Rational.ZERO);
};

/** Of runs that were touched: what is really gone. */
const gone = (state: LedgerState, counts: (run: Run) => boolean): Rational =>
  [...state.runs.values()]
    .filter((run) => ['touched', 'settled'].includes(run.status) && counts(run))
    .reduce((sum, { charge }) => sum.plus(charge.rho), Rational.ZERO);

describe('every earlier backup, restored', () => {
  test('never under-counts, ends what was under way, and continues what others saw', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 24 }), (operations) => {
        const { ledger, told } = play(operations);
        const truth = ledger.state;
        for (let at = 4; at <= ledger.entries.length; at += 1) {
          const entries = restored(ledger.entries.slice(0, at), told);
          const state = readLedger('lu', entries);
          for (const study of STUDIES) {
            // What a holder touches it has reserved, and told, before: that is what has to be counted.
            ok(atLeast(spentOf(state, study), spentOf(truth, study)), `${study} from entry ${at}`);
            deepEqual(state.studies.get(id(study))!.reserved, ZERO);
            ok(state.studies.get(id(study))!.left.rho.sign() >= 0);
            ok(disclosuresOf(state, id(study)) >= disclosuresOf(truth, id(study)));
            for (const analyst of ANALYSTS) {
              const own = gone(truth, (run) => run.study === id(study) && run.analyst === analyst);
              ok(atLeast(usedBy(state, study, analyst), own), `${analyst} in ${study} from ${at}`);
            }
          }
          for (const run of state.runs.values())
            ok(['lost', 'settled', 'aborted'].includes(run.status));
          for (const { head } of told) checkHead(head, state.head);
          // People of epochs that the backup lacks are loaded again, and are new to it.
          const again = new LedgerScript('lu');
          again.state = state;
          while (again.state.epochs.size < truth.epochs.size)
            again.load(
              'one',
              [again.state.epochs.size + 1],
              true,
              `again ${again.state.epochs.size}`,
            );
          for (const [number, epoch] of truth.epochs) {
            const after = usedByEpoch(again.state.epochs.get(number)!);
            ok(atLeast(after.rho, epoch.spent.rho), `epoch ${number} from entry ${at}`);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  test('counts no more than it must where nothing was under way and people are the same', () => {
    const script = new LedgerScript('lu');
    for (const study of STUDIES) script.grant(study, amount('3/1'));
    const backup = [...script.entries];
    script.reserve('one', 'run', 'key', amount('1/10'));
    const { head } = script.state;
    const told = [{ head, study: 'one', used: amount('1/10'), discloses: false }];
    const state = readLedger('lu', restored(backup, told));
    deepEqual(usedByEpoch(state.epochs.get(1)!).rho.toString(), '1/10');
    deepEqual(spentOf(state, 'two').toString(), '0/1');
    // A backup that is the last one says all.
    const whole = readLedger('lu', restored(script.entries, told));
    deepEqual(usedByEpoch(whole.epochs.get(1)!).rho.toString(), '1/10');
    deepEqual(whole.recovered.size, 0);
  });

  test('control: a restore that hears nobody loses what was spent since', () => {
    throws(() =>
      fc.assert(
        fc.property(fc.array(operation, { minLength: 12, maxLength: 24 }), (operations) => {
          const { ledger, told } = play(operations);
          const state = readLedger('lu', restored(ledger.entries.slice(0, 4), told, false));
          ok(atLeast(spentOf(state, 'one'), spentOf(ledger.state, 'one')));
        }),
      ),
    );
  });

  test('a reservation that was given back behind the backup, and spent for other people', () => {
    const script = new LedgerScript('lu');
    script.grant('one', amount('3/1'));
    script.reserve('one', 'first', 'k', amount('1/10'), { analyst: 'ana' });
    const backup = [...script.entries];
    script.abort('first');
    script.load('one', [1, 2], true, 'later');
    script.reserve('one', 'second', 'l', amount('1/10'), { analyst: 'bob' });
    const { head } = script.state;
    script.touch('second');
    const told = [{ head, study: 'one', used: amount('1/10'), discloses: true }];
    const again = new LedgerScript('lu');
    again.state = readLedger('lu', restored(backup, told));
    again.load('one', [1, 2], true, 'again');
    deepEqual(spentOf(again.state, 'one').toString(), '1/10');
    deepEqual(usedByEpoch(again.state.epochs.get(1)!).rho.toString(), '1/10');
    deepEqual(usedByEpoch(again.state.epochs.get(2)!).rho.toString(), '1/10');
    deepEqual(usedBy(again.state, 'one', 'bob').toString(), '1/10');
    deepEqual(disclosuresOf(again.state, id('one')), 1);
  });

  test('people whom a study began to count behind the backup, known from another study', () => {
    const script = new LedgerScript('lu');
    script.grant('one', amount('3/1'));
    script.grant('two', amount('3/1'));
    script.load('two', [2], true, 'others');
    const backup = [...script.entries];
    script.load('one', [1, 2], false, 'both');
    script.reserve('one', 'run', 'k', amount('1/10'));
    const { head } = script.state;
    script.touch('run');
    const told = [{ head, study: 'one', used: amount('1/10'), discloses: false }];
    const state = readLedger('lu', restored(backup, told));
    deepEqual(usedByEpoch(state.epochs.get(2)!).rho.toString(), '1/10');
  });
});

describe('a restored ledger', () => {
  const script = new LedgerScript('lu');
  script.grant('s', amount('1/2'));
  script.reserve('s', 'run', 'key', amount('1/10'));
  const backup = [...script.entries];
  script.touch('run');

  test('a run that was reserved is spent and goes no further', () => {
    const state = readLedger('lu', restored(backup, []));
    throws(() => touchEntry(state, id('run')), refusal('PROTOCOL_STATE'));
    deepEqual(state.studies.get(id('s'))!.spent.rho.toString(), '1/10');
  });

  test('people who come later bear what nobody knows the people of', () => {
    const head = { sequence: 40, hash: id('seen') };
    const told = [{ head, study: 's', used: amount('3/10'), discloses: false }];
    const entries = restored(backup, told);
    const later = new LedgerScript('lu');
    later.entries.push(...entries);
    later.state = readLedger('lu', entries);
    later.load('s', [1, 2], true, 'later');
    // Also what the backup had reserved: it may have been given back, and spent for them.
    deepEqual(usedByEpoch(later.state.epochs.get(2)!).rho.toString(), '3/10');
    deepEqual(usedByEpoch(later.state.epochs.get(1)!).rho.toString(), '3/10');
    deepEqual(headOf(entries[backup.length]!).sequence, 41);
    // More to spend is measured against all of it.
    later.raise('s', 'grant', amount('1/10'));
    deepEqual(later.left('s'), '3/10');
  });

  test('another entry in the place of an own one is a fork', () => {
    const { head } = readLedger('lu', backup);
    throws(
      () => appendRestore(head, { ...head, hash: id('other') }, TIME),
      refusal('LEDGER_ROLLBACK'),
    );
  });

  test('a gap, or a predecessor that is not known, stands behind a restore entry only', () => {
    const entries = restored(backup, [
      {
        head: { sequence: 40, hash: id('seen') },
        study: 's',
        used: amount('3/10'),
        discloses: false,
      },
    ]);
    const gone = entries.filter(({ body }) => body.type !== 'restore');
    throws(() => readLedger('lu', gone), refusal('LEDGER_CORRUPT'));
    throws(
      () => readLedger('lu', entries.slice(0, 2).concat(entries.slice(3))),
      refusal('LEDGER_CORRUPT'),
    );
  });
});
