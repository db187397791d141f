/** `cohort check` of a folder of OMOP tables, as a person would call it. */
import { deepStrictEqual, equal, match } from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'vitest';
import { CDM, csvFolder, omopStudy } from '../engine/clinical/omop/folder.ts';
import { cli } from '../support/captured-io.ts';
import { scratch } from '../support/scratch.ts';

test('a folder is checked as one cohort', async () => {
  const study = path.join(scratch(), 'study.json');
  const cohort = { ...omopStudy(), declaredSize: { lu: 5 }, nulls: ['', 'NA'] };
  writeFileSync(
    study,
    JSON.stringify({ format: 'kakehashi/study/1', holders: [{ name: 'lu' }], cohort }),
  );
  const folder = csvFolder(CDM);
  rmSync(path.join(folder, 'CONCEPT_ANCESTOR.csv'));
  const json = await cli(['cohort', 'check', folder, '--study', study, '--json']);
  equal(json.code, 0, json.err);
  const report = JSON.parse(json.out) as Record<string, unknown>;
  deepStrictEqual([report['people'], report['warnings']], [5, ['CONCEPT_ANCESTOR_MISSING']]);
  const words = await cli(['cohort', 'check', folder, '--study', study]);
  match(words.out, /^MEASUREMENT +MEASUREMENT\.csv +7 +1$/m);
  match(words.out, /^note: there is no table CONCEPT_ANCESTOR/m);
  rmSync(path.join(folder, 'PERSON.csv'));
  const refused = await cli(['cohort', 'check', folder, '--study', study]);
  deepStrictEqual([refused.code, refused.out], [2, '']);
  match(refused.err, /A file cannot be opened.*PERSON/s);
});
