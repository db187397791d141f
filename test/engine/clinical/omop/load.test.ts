/** A CDM written here, loaded from CSV and from Parquet: rows, concepts, report. */
import { deepStrictEqual, equal, notEqual } from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, test } from 'vitest';
import type { Json } from '../../../../src/base/canonical-json.ts';
import { systemRng } from '../../../../src/base/rng.ts';
import { checkCohort } from '../../../../src/engine/duckdb/check-cohort.ts';
import { scratch } from '../../../support/scratch.ts';
import { type Loaded, loadPaths, section } from '../../duckdb/loaded.ts';
import { CDM, csvFolder, omopStudy, parquetFolder } from './folder.ts';
import { storedRows } from './stored-rows.ts';

const COHORT = section(omopStudy());

const load = (folder: string, threads = 1): Promise<Loaded> =>
  loadPaths(COHORT, [folder], { directory: scratch(), threads });

let whole: Promise<Loaded['report']> | undefined;
/** Of the tables as they are written here; loaded once. */
const wholeReport = (): Promise<Loaded['report']> =>
  (whole ??= load(csvFolder(CDM)).then(({ report }) => report));

/** By the definition of a row, by hand. */
const ROWS = [
  'birthYear 1950, born 1950-03-01, day 2020-01-05, hba1c 7.5, measured 2020-01-05, sex M, smoker yes, t2d yes, t2dSince 2014-05-05',
  'birthYear 1950, born 1950-03-01, day 2020-01-05, hba1c 7, measured 2020-01-05, sex M, t2d yes, t2dSince 2014-05-05',
  'birthYear 1950, born 1950-03-01, day 2021-06-01, hba1c 6, measured 2021-06-01, sex M, t2d yes, t2dSince 2014-05-05',
  'birthYear 1960, day 2020-03-01, sex F, smoker never, t2d no',
  'birthYear 1960, hba1c 5.5, sex F, t2d no',
  'birthYear 1970, born 1970-12-24, day 2020-03-01, died 2022-02-02, sex F, t2d yes, t2dSince 2018-01-01',
  'birthYear 1970, born 1970-12-24, died 2022-02-02, sex F, t2d yes, t2dSince 2018-01-01',
  'birthYear 1980, t2d no',
  'birthYear 1990, born 1990-01-01, sex M, t2d no',
].sort();

describe('a CDM', () => {
  test('a row is what was recorded of one person on one day', async () => {
    const { target, report } = await load(csvFolder(CDM));
    deepStrictEqual(await storedRows(target, COHORT), ROWS);
    deepStrictEqual(
      { rows: report.rows, people: report.people, dropped: report.dropped },
      { rows: 9, people: 5, dropped: { nullPerson: 0 } },
    );
    deepStrictEqual(report.records, {
      events: 13,
      withoutDay: 4,
      ofUnknownPeople: 0,
      conflictingFacts: 0,
    });
    deepStrictEqual(
      report.read?.map(({ name, file, records, ofUnknownPeople }) =>
        [name, file, records, ofUnknownPeople].join(' '),
      ),
      [
        'PERSON PERSON.csv 5 0',
        'MEASUREMENT MEASUREMENT.csv 7 1',
        'OBSERVATION OBSERVATION.csv 3 0',
        'CONDITION_OCCURRENCE CONDITION_OCCURRENCE.csv 5 1',
        'DRUG_EXPOSURE DRUG_EXPOSURE.csv 1 0',
        'PROCEDURE_OCCURRENCE PROCEDURE_OCCURRENCE.csv 0 0',
        'VISIT_OCCURRENCE VISIT_OCCURRENCE.csv 1 0',
      ],
    );
    deepStrictEqual(report.warnings, []);
    const column = (name: string) => report.columns.find((found) => found.name === name);
    deepStrictEqual(column('hba1c')?.unit, { source: '%, mmol/mol', stored: '%' });
    // 'unknown' and 30 February in `measured`; 30 February of a birth.
    deepStrictEqual(
      [column('measured')?.unparsable, column('born')?.unparsable, column('hba1c')?.unparsable],
      [2, 1, 0],
    );
  });

  test('concepts: what each person has, with those below', async () => {
    const { cells } = await load(csvFolder(CDM));
    const years = {
      groupBy: [{ column: 'birthYear', bins: [1950, 1960, 1970, 1980, 1990, 2000] }],
    };
    const who = async (where: Json): Promise<string> =>
      (await cells({ where, ...years })).join(' ');
    // Rows of person 1 to 5, and of nobody.
    equal(await who({ all: [] }), '3 2 2 1 1 0');
    equal(await who({ hasConcept: 201826 }), '3 0 0 0 0 0');
    equal(await who({ hasConcept: 201826, descendants: false }), '3 0 0 0 0 0');
    equal(await who({ hasConcept: 201826, descendants: true }), '3 0 2 0 0 0');
    equal(await who({ not: { hasConcept: 201826, descendants: true } }), '0 2 0 1 1 0');
    equal(await who({ hasConcept: 201820, descendants: true }), '3 0 2 0 0 0');
    equal(await who({ hasConcept: 201820 }), '0 0 0 0 0 0');
    equal(await who({ hasConcept: 3004410 }), '3 2 2 0 0 0');
    equal(await who({ any: [{ hasConcept: 1503297 }, { hasConcept: 9201 }] }), '0 2 0 1 0 0');
    equal(await who({ all: [{ hasConcept: 3004410 }, { column: 'hba1c', ge: 7 }] }), '2 0 0 0 0 0');
    // Nobody's, and no concept at all of the vocabulary.
    equal(await who({ hasConcept: 2 ** 31 - 1, descendants: true }), '0 0 0 0 0 0');
  });

  test('CSV and Parquet, other names, order and threads give one epoch', async () => {
    const one = await wholeReport();
    const typed = await load(await parquetFolder(CDM), 2);
    deepStrictEqual(await storedRows(typed.target, COHORT), ROWS);
    const reversed = Object.fromEntries(
      Object.entries(CDM).map(([table, rows]) => [table, [...rows].reverse()]),
    );
    const other = await load(csvFolder(reversed, 'synthea27nj_'), 2);
    deepStrictEqual([typed.report.epoch, other.report.epoch], [one.epoch, one.epoch]);
    deepStrictEqual(typed.report.columns, one.columns);
  });

  test('the epoch covers concepts and what is above them', async () => {
    const report = await wholeReport();
    // Neither table changes a row.
    const drug = { ...CDM, DRUG_EXPOSURE: [] };
    const above = { ...CDM, CONCEPT_ANCESTOR: CDM['CONCEPT_ANCESTOR']?.slice(1) ?? [] };
    for (const cdm of [drug, above]) {
      const other = await load(csvFolder(cdm));
      deepStrictEqual(await storedRows(other.target, COHORT), ROWS);
      notEqual(other.report.epoch, report.epoch);
    }
    // Concepts that nobody has are not kept: this line is about 201254.
    const kept = { ...CDM, CONCEPT_ANCESTOR: CDM['CONCEPT_ANCESTOR']?.slice(0, -1) ?? [] };
    equal((await load(csvFolder(kept))).report.epoch, report.epoch);
  });

  test('a check says what a load says, and leaves nothing', async () => {
    const loaded = await wholeReport();
    const tmpDirectory = scratch();
    const checked = await checkCohort({
      files: [csvFolder(CDM)],
      section: COHORT,
      holder: 'lu',
      tmpDirectory,
      rng: systemRng,
    });
    deepStrictEqual(readdirSync(tmpDirectory), []);
    const { rows, people, records, read, warnings } = loaded;
    deepStrictEqual(
      [checked.rows, checked.people, checked.records, checked.read, checked.warnings],
      [rows, people, records, read, warnings],
    );
    deepStrictEqual(checked.rowsPerPerson, { bound: 10, most: 3, peopleOver: 0 });
  });
});
