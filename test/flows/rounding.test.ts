/** A study that rounds: every count in multiples, intervals and half-widths wider, and the release says so. */
import { deepStrictEqual, equal, ok, throws } from 'node:assert/strict';
import { test } from 'vitest';
import { Refusal } from '../../src/base/errors.ts';
import { describePlan } from '../../src/cohort/describe.ts';
import { releaseBody } from '../../src/flows/pooled/release.ts';
import { acceptedStudy, compiledRun, studyKeys, type StudyOptions } from '../support/study.ts';

const keys = studyKeys(['jp', 'lu']);

function released(options: StudyOptions) {
  const query = {
    groupBy: ['holder', 'sex'],
    measures: [
      { name: 'n', count: true },
      { name: 'm', mean: 'age' },
    ],
    rho: '1/10',
  };
  const run = compiledRun(acceptedStudy(keys, options), keys, query);
  const vector = BigInt64Array.from({ length: run.plan.slots }, (_, i) => BigInt(203 + 11 * i));
  return { body: releaseBody(run, vector), words: describePlan(run.plan) };
}

test('counts in multiples of five, means as they are, wider intervals', () => {
  const [plain, rounded] = [released({}), released({ rounding: 5 })];
  equal(rounded.body.disclosure.rounding, 5);
  ok(rounded.words.includes('multiples of 5') && !plain.words.includes('multiples'));
  rounded.body.cells.forEach((cell, i) => {
    const own = plain.body.cells[i]!;
    if (cell.measure === 'm') {
      equal(cell.value, own.value);
      equal((cell.count ?? 1) % 5, 0);
      return;
    }
    equal((cell.value ?? 1) % 5, 0);
    ok(Math.abs((cell.value ?? 0) - (own.value ?? 0)) <= 2.5);
    equal(cell.noise, (own.noise ?? 0) + 2.5);
    deepStrictEqual(cell.interval, [
      (own.interval?.[0] ?? 0) - 2.5,
      (own.interval?.[1] ?? 0) + 2.5,
    ]);
  });
});

test('a rounding that is none is refused', () => {
  for (const rounding of [0, 1, -5, 2.5, 1001, Number.NaN]) {
    throws(() => acceptedStudy(keys, { rounding }), Refusal, String(rounding));
  }
});
