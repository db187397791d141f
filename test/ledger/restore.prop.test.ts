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
import { plus } from '../../src/ledger/amount.ts';
import { append } from '../../src/ledger/chain.ts';
import { type Amount, type Entry, headOf, type LedgerHead } from '../../src/ledger/entry.ts';
import { fold, readLedger } from '../../src/ledger/fold.ts';
import { checkHead } from '../../src/ledger/mirror.ts';
import { usedByEpoch } from '../../src/ledger/people.ts';
import { appendRestore, recoverEntry } from '../../src/ledger/restore.ts';
import type { LedgerState } from '../../src/ledger/state.ts';
import { touchEntry } from '../../src/ledger/transition.ts';
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
});
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** What others were told by a reservation. */
type Told = {
  readonly at: number;
  readonly head: LedgerHead;
  readonly study: string;
  readonly used: Amount;
};

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
  for (const study of ['one', 'two']) ledger.grant(study, amount('3/1'));
  const told: Told[] = [];
  for (const { what, run, key, tenths } of operations) {
    const study = key < 'm' ? 'one' : 'two';
    if (what === 'load') {
      const next = ledger.state.epochs.size + 1;
      if (next <= 3) ledger.load(study, [1, next], true, `version ${next}`);
    } else if (what === 'reserve') {
      quietly(() => {
        ledger.reserve(study, run, key, amount(`${tenths}/10`));
        const { head } = ledger.state;
        told.push({ at: ledger.entries.length, head, study, used: used(ledger.state, study) });
      });
    } else quietly(() => ledger[what](run));
  }
  return { ledger, told };
}

function restored(backup: readonly Entry[], told: readonly Told[], listens = true): Entry[] {
  const entries = [...backup];
  let state = readLedger('lu', entries);
  const heard = listens ? told : [];
  const seen = heard
    .map(({ head }) => head)
    .reduce<LedgerHead | undefined>((a, b) => ((a?.sequence ?? 0) > b.sequence ? a : b), undefined);
  const write = (entry: Entry): void => {
    entries.push(entry);
    state = fold(state, [entry]);
  };
  write(appendRestore(state.head, seen, TIME));
  for (const one of heard) {
    if (!state.studies.has(id(one.study))) continue;
    const body = recoverEntry(state, id(one.study), one.used);
    if (body !== undefined) write(append(state.head, TIME, body));
  }
  return entries;
}

const atLeast = (a: Rational, b: Rational): boolean => b.atMost(a);

describe('every earlier backup, restored', () => {
  test('never under-counts, ends what was under way, and continues what others saw', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 24 }), (operations) => {
        const { ledger, told } = play(operations);
        for (let at = 4; at <= ledger.entries.length; at += 1) {
          const entries = restored(ledger.entries.slice(0, at), told);
          const state = readLedger('lu', entries);
          for (const study of ['one', 'two']) {
            // What a holder touches it has reserved, and told, before: that is what has to be counted.
            const truth = ledger.state.studies.get(id(study))!.spent.rho;
            ok(
              atLeast(state.studies.get(id(study))!.spent.rho, truth),
              `${study} from entry ${at}`,
            );
            deepEqual(state.studies.get(id(study))!.reserved, {
              rho: Rational.ZERO,
              delta: Rational.ZERO,
            });
            ok(state.studies.get(id(study))!.left.rho.sign() >= 0);
          }
          for (const [number, epoch] of ledger.state.epochs) {
            const after = state.epochs.get(number);
            if (after !== undefined)
              ok(atLeast(usedByEpoch(after).rho, epoch.spent.rho), `epoch ${number} from ${at}`);
          }
          for (const run of state.runs.values())
            ok(['lost', 'settled', 'aborted'].includes(run.status));
          for (const { head } of told) checkHead(head, state.head);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('control: a restore that hears nobody loses what was spent since', () => {
    throws(() =>
      fc.assert(
        fc.property(fc.array(operation, { minLength: 12, maxLength: 24 }), (operations) => {
          const { ledger, told } = play(operations);
          const state = readLedger('lu', restored(ledger.entries.slice(0, 4), told, false));
          ok(
            atLeast(
              state.studies.get(id('one'))!.spent.rho,
              ledger.state.studies.get(id('one'))!.spent.rho,
            ),
          );
        }),
      ),
    );
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
    const told = [{ at: 9, head, study: 's', used: amount('3/10') }];
    const entries = restored(backup, told);
    const later = new LedgerScript('lu');
    later.entries.push(...entries);
    later.state = readLedger('lu', entries);
    later.load('s', [1, 2], true, 'later');
    deepEqual(usedByEpoch(later.state.epochs.get(2)!).rho.toString(), '1/5');
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
      { at: 9, head: { sequence: 40, hash: id('seen') }, study: 's', used: amount('3/10') },
    ]);
    const gone = entries.filter(({ body }) => body.type !== 'restore');
    throws(() => readLedger('lu', gone), refusal('LEDGER_CORRUPT'));
    throws(
      () => readLedger('lu', entries.slice(0, 2).concat(entries.slice(3))),
      refusal('LEDGER_CORRUPT'),
    );
  });
});
