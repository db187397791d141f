/** The `Cohort` port: noise, faults that must not show, deadlines, and neighbouring cohorts. */
import { deepStrictEqual, equal, ok, rejects } from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { describe, test } from 'vitest';
import type { Json } from '../../../src/base/canonical-json.ts';
import { DuckDbCohort } from '../../../src/engine/duckdb/cohort.ts';
import { refusal } from '../../support/refusal.ts';
import {
  far,
  type Loaded,
  load,
  type LogLine,
  memoryLog,
  planOf,
  section,
  STUDY,
} from './loaded.ts';

const HEADER = 'pid,sex,age,hba1c,visit\n';
const ROWS = '1,F,12,5.6,2020-01-01\n2,M,99,5.6,2020-01-01\n3,M,50,5.6,2020-01-01\n';
const QUERY: Record<string, Json> = { groupBy: ['sex'] };
const noise = () => BigInt64Array.of(-100n, 7n, 2n ** 40n);

const vector = (loaded: Loaded, cohort = loaded.cohort) =>
  cohort.noisedVector(planOf(section(), QUERY), noise(), far());

describe('a noised vector', () => {
  test('is cells plus noise, in the buffer of the noise', async () => {
    const { cohort } = await load(section(), [HEADER + ROWS]);
    const own = noise();
    const result = await cohort.noisedVector(planOf(section(), QUERY), own, far());
    equal(result, own);
    deepStrictEqual(result, BigInt64Array.of(-99n, 9n, 2n ** 40n));
  });

  test('needs noise of exactly the plan, and a plan of this study', async () => {
    const { cohort, log } = await load(section(), [HEADER + ROWS]);
    const plan = planOf(section(), QUERY);
    for (const length of [0, 2, 4]) {
      const wrong = cohort.noisedVector(plan, new BigInt64Array(length), far());
      await rejects(wrong, refusal('INVALID_PARAMETER'));
    }
    const unknown = { ...plan, where: { column: 'height', min: 1n } };
    await rejects(cohort.noisedVector(unknown, noise(), far()), refusal('INVALID_PARAMETER'));
    const wrong = { ...plan, where: { column: 'sex', min: 1n } };
    await rejects(cohort.noisedVector(wrong, noise(), far()), refusal('INVALID_PARAMETER'));
    deepStrictEqual(log, []);
  });

  test('two at a time do not meet', async () => {
    const loaded = await load(section(), [HEADER + ROWS]);
    const both = await Promise.all([vector(loaded), vector(loaded)]);
    deepStrictEqual(both[0], both[1]);
  });
});

describe('a fault while data is touched', () => {
  const faults: [string, (loaded: Loaded) => DuckDbCohort][] = [
    [
      'a file that vanished',
      ({ target, cohort }) => {
        rmSync(target);
        return cohort;
      },
    ],
    [
      'a damaged file',
      ({ target, cohort }) => {
        writeFileSync(target, 'CANARY'.repeat(9999));
        return cohort;
      },
    ],
    [
      'no memory',
      (loaded) =>
        new DuckDbCohort({
          directory: loaded.directory,
          tmpDirectory: loaded.directory,
          loaded: () => Promise.resolve(loaded.report.epoch),
          clock: { now: () => new Date() },
          log: memoryLog(loaded.log),
          memoryLimit: '1KB',
        }),
    ],
    [
      'another file in place of the loaded one',
      (loaded) =>
        new DuckDbCohort({
          directory: loaded.directory,
          tmpDirectory: loaded.directory,
          loaded: () => Promise.resolve('a'.repeat(64)),
          clock: { now: () => new Date() },
          log: memoryLog(loaded.log),
        }),
    ],
  ];
  for (const [name, damage] of faults) {
    test(`${name}: zeros plus noise, and an alarm without values`, async () => {
      const loaded = await load(section(), [HEADER + ROWS]);
      const cohort = damage(loaded);
      deepStrictEqual(await vector(loaded, cohort), noise());
      deepStrictEqual(
        loaded.log.map(({ level }) => level),
        ['error'],
      );
      equal(/CANARY|2020-01-01/.test(JSON.stringify(loaded.log)), false);
    });
  }

  for (const [name, looks] of [
    ['before', 0],
    ['while', 1],
  ] as const) {
    test(`a deadline that passed ${name} the query ran`, async () => {
      const loaded = await load(section(), [HEADER + ROWS]);
      let left = looks;
      const clock = { now: () => new Date(left-- > 0 ? 0 : 2_000) };
      const { directory, log, report } = loaded;
      const parts = {
        directory,
        tmpDirectory: directory,
        loaded: () => Promise.resolve(report.epoch),
        clock,
        log: memoryLog(log),
      };
      const plan = planOf(section(), QUERY);
      const late = await new DuckDbCohort(parts).noisedVector(plan, noise(), new Date(1_000));
      deepStrictEqual(late, noise());
      equal(log.length, 1);
    });
  }

  test('a cohort of other columns than the plan', async () => {
    const loaded = await load(section(), [HEADER + ROWS]);
    const other = section({ columns: { sex: { type: 'category', domain: ['M', 'F'] } } });
    const result = await loaded.cohort.noisedVector(planOf(other, QUERY), noise(), far());
    deepStrictEqual(result, noise());
    equal(loaded.log.length, 1);
  });
});

describe('an epoch', () => {
  test('is known for a loaded study, COHORT_MISSING for another, and refused where damaged', async () => {
    const { cohort, report, target } = await load(section(), [HEADER + ROWS]);
    equal(await cohort.epoch(STUDY), report.epoch);
    await rejects(cohort.epoch('f'.repeat(64)), refusal('COHORT_MISSING'));
    await rejects(cohort.epoch('../x'), refusal('INVALID_PARAMETER'));
    writeFileSync(target, 'damaged'.repeat(1000));
    await rejects(cohort.epoch(STUDY), refusal('DATA_DIRECTORY_DAMAGED'));
  });
});

describe('neighbouring cohorts (rulings, test 4)', () => {
  const odd: [string, string][] = [
    ['NaN', '9,F,NaN,NaN,NaN\n'],
    ['a huge number', '9,F,1e999,-1e999,2020-01-01\n'],
    ['an unknown code', "9,'; DROP TABLE cohort; --,1,5,2020-01-01\n"],
    ['a thousand rows', '9,F,1,5,2020-01-01\n'.repeat(1000)],
    ['no identifier', ',F,1,5,2020-01-01\n'],
    ['a very long field', `9,${'F'.repeat(1_000_000)},${'9'.repeat(100_000)},5,2020-01-01\n`],
    ['quotes and line breaks', '9,"F""\n;,",1,5,"2020-01-01\n"\n'],
  ];
  const queries: Record<string, Json>[] = [
    QUERY,
    { groupBy: [], where: { not: { column: 'age', ge: 18 } } },
    { groupBy: [{ column: 'hba1c', bins: [3, 5, 20] }, 'sex'] },
  ];
  for (const [name, rows] of odd) {
    test(`${name}: only cells differ, by one person`, async () => {
      const outcome = async (text: string) => {
        const loaded = await load(section(), [text]);
        const cells = [];
        for (const query of queries) cells.push(await loaded.cells(query));
        return { cells, log: loaded.log satisfies LogLine[] };
      };
      const [d, neighbour] = [await outcome(HEADER + ROWS), await outcome(HEADER + ROWS + rows)];
      deepStrictEqual(neighbour.log, d.log);
      d.cells.forEach((cells, i) => {
        const moved = cells.map((n, j) => Math.abs(n - neighbour.cells[i]![j]!));
        ok(moved.reduce((a, b) => a + b, 0) <= 1);
      });
    });
  }
});
