/** openEHR compositions as a cohort: folders of people, lines with an EHR, and nothing of a path's name in a refusal. */
import { deepStrictEqual, rejects } from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'vitest';
import type { Json } from '../../../../src/base/canonical-json.ts';
import { Refusal } from '../../../../src/base/errors.ts';
import { scratch } from '../../../support/scratch.ts';
import { loadPaths, section } from '../../duckdb/loaded.ts';

const PATH =
  '/content[openEHR-EHR-OBSERVATION.body_weight.v2]/data/events/data/items[at0004]/value';

const cohort = section({
  rowsPerPerson: 10,
  columns: {
    weight: { type: 'number', min: 1, max: 300, step: '1/10', unit: 'kg' },
    visit: { type: 'date', min: '2015-01-01', max: '2025-12-31' },
  },
  maps: {
    lu: {
      weight: { openehr: { path: PATH } },
      visit: { openehr: { day: true } },
    } satisfies Record<string, Json>,
  },
});

const composition = (day: string, magnitude: number, units = 'kg'): object => ({
  _type: 'COMPOSITION',
  archetype_node_id: 'openEHR-EHR-COMPOSITION.encounter.v1',
  category: { _type: 'DV_CODED_TEXT', defining_code: { code_string: '433' } },
  context: { start_time: { value: `${day}T08:00:00Z` } },
  content: [
    {
      _type: 'OBSERVATION',
      archetype_node_id: 'openEHR-EHR-OBSERVATION.body_weight.v2',
      data: {
        events: [
          {
            data: {
              items: [
                {
                  _type: 'ELEMENT',
                  archetype_node_id: 'at0004',
                  value: { _type: 'DV_QUANTITY', magnitude, units },
                },
              ],
            },
          },
        ],
      },
    },
  ],
});

const RECORDS = [
  ['anna', composition('2020-01-01', 70)],
  ['anna', composition('2021-01-01', 71)],
  ['bert', composition('2020-01-01', 80_000, 'g')],
] as const;

function inFolders(): string {
  const folder = path.join(scratch(), 'ehr');
  for (const [i, [person, document]] of RECORDS.entries()) {
    mkdirSync(path.join(folder, person), { recursive: true });
    writeFileSync(path.join(folder, person, `${i}.json`), JSON.stringify(document));
  }
  return folder;
}

function inLines(): string {
  const lines = RECORDS.map(([person, composition]) =>
    JSON.stringify({ ehr_id: { value: person }, composition }),
  );
  const file = path.join(scratch(), 'all.ndjson');
  writeFileSync(file, lines.join('\n'));
  return file;
}

describe('openEHR compositions', () => {
  test('are the same cohort in folders of people and in lines', async () => {
    const directory = scratch();
    const { report } = await loadPaths(cohort, [inFolders()], { directory });
    deepStrictEqual([report.rows, report.people], [3, 2]);
    deepStrictEqual(
      report.columns.map(({ name, nulls, outOfDomain, unit }) => [name, nulls, outOfDomain, unit]),
      [
        ['visit', 0, 0, undefined],
        ['weight', 0, 0, { source: 'g, kg', stored: 'kg' }],
      ],
    );
    const lines = await loadPaths(cohort, [inLines()], { directory: scratch() });
    deepStrictEqual(lines.report.epoch, report.epoch);
  });

  test('that are none are refused without the name of a folder', async () => {
    const folder = inFolders();
    writeFileSync(path.join(folder, 'bert', '9.json'), '{"_type":"COMPOSITIONS"}');
    await rejects(
      loadPaths(cohort, [folder], { directory: scratch() }),
      (error) =>
        error instanceof Refusal &&
        error.detail === 'file 1, 4 in the folder: no composition: _type' &&
        !error.stack?.includes('bert'),
    );
  });
});
