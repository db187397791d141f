/** Which files of a folder are read, and what is said of those that are not there. */
import { deepStrictEqual } from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'vitest';
import { scratch } from '../../../support/scratch.ts';
import { type Loaded, loadPaths, section } from '../../duckdb/loaded.ts';
import { CDM, csvFolder, omopStudy, parquetFolder } from './folder.ts';

const load = (folder: string): Promise<Loaded> =>
  loadPaths(section(omopStudy()), [folder], { directory: scratch() });

describe('a folder', () => {
  test('both formats in one folder: the typed one is read', async () => {
    const folder = await parquetFolder(CDM);
    // Wrong rows, which nobody reads.
    const { CONDITION_OCCURRENCE: conditions = [] } = CDM;
    writeFileSync(path.join(folder, 'CONDITION_OCCURRENCE.csv'), 'nothing\n');
    const { report } = await load(folder);
    deepStrictEqual(
      report.read?.find(({ name }) => name === 'CONDITION_OCCURRENCE'),
      {
        name: 'CONDITION_OCCURRENCE',
        file: 'condition_occurrence.parquet',
        records: conditions.length,
        ofUnknownPeople: 1,
      },
    );
  });

  test('without CONCEPT_ANCESTOR a concept has nothing below it, and staff is told', async () => {
    const folder = csvFolder(CDM);
    rmSync(path.join(folder, 'CONCEPT_ANCESTOR.csv'));
    rmSync(path.join(folder, 'VISIT_OCCURRENCE.csv'));
    const { report, cells } = await load(folder);
    deepStrictEqual(report.warnings, ['VISIT_OCCURRENCE_MISSING', 'CONCEPT_ANCESTOR_MISSING']);
    deepStrictEqual(await cells({ where: { hasConcept: 201826, descendants: true } }), [3]);
    deepStrictEqual(await cells({ where: { hasConcept: 9201 } }), [0]);
  });

  test('a vocabulary as it is handed out: tabs, and quotes that quote nothing', async () => {
    const folder = csvFolder(CDM);
    const lines = [
      ['concept_id', 'concept_name', 'vocabulary_id', 'concept_code'],
      ['8554', '"percent', 'UCUM', '%'],
      // Of this holder's vocabulary, whatever else the number may be elsewhere.
      ['9579', '5" of "x', 'UCUM', '%{JDS}'],
    ];
    writeFileSync(
      path.join(folder, 'CONCEPT.csv'),
      lines.map((line) => `${line.join('\t')}\n`).join(''),
    );
    const { report } = await load(folder);
    deepStrictEqual(report.columns.find(({ name }) => name === 'hba1c')?.unit, {
      source: '%, %{JDS}',
      stored: '%',
    });
  });
});
