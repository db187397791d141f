/**
 * Two holders whose cohorts are tables of OMOP CDM 5.4, one as CSV and one as Parquet: a query by
 * concept from the signature to the release. Without noise, so that the counts can be done by hand.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'vitest';
import {
  type Cdm,
  CDM,
  csvFolder,
  MAP,
  omopStudy,
  parquetFolder,
} from '../engine/clinical/omop/folder.ts';
import { ExactNoise } from '../support/exact-noise.ts';
import { PooledLab } from '../support/pooled-lab.ts';

/** The people of the other country: only the first three, the second with the diagnosis as well. */
const JP: Cdm = {
  ...CDM,
  PERSON: CDM['PERSON']?.slice(0, 3) ?? [],
  CONDITION_OCCURRENCE: [
    ...(CDM['CONDITION_OCCURRENCE'] ?? []).slice(0, 3),
    {
      condition_occurrence_id: '9',
      person_id: '2',
      condition_concept_id: '201826',
      condition_start_date: '2020-01-01',
    },
  ],
};

test('people with type 2 diabetes, by sex and holder', async () => {
  const each = { lu: MAP, jp: MAP };
  const cohort = { ...omopStudy({ maps: each }), rowsPerPerson: 1, cellsPerPerson: 1 };
  using lab = await PooledLab.empty(['lu', 'jp'], { cohort, rho: '1000/1' });
  const [lu, jp] = lab.holders;
  await lu?.loadFiles(lab.study, [csvFolder(CDM)]);
  await jp?.loadFiles(lab.study, [await parquetFolder(JP)]);
  const { body } = await lab.release(
    {
      where: { hasConcept: 201826, descendants: true },
      groupBy: ['holder', 'sex'],
      rho: '1/1',
    },
    ExactNoise,
  );
  const found = body.cells.map(({ group, value }) =>
    [group['holder'] ?? 'all', group['sex'], value].join(' '),
  );
  deepStrictEqual(
    found.sort(),
    // At lu persons 1 (M) and 3 (F), at jp 1 (M), 2 and 3 (F).
    ['all  0', 'all F 3', 'all M 2', 'jp  0', 'jp F 2', 'jp M 1', 'lu  0', 'lu F 1', 'lu M 1'],
  );
});
