/** A study with an image for queries inside one holder. */
import type { ImageTerms } from '../../src/cohort/image-terms.ts';
import type { StudyTerms } from '../../src/cohort/query.ts';
import { parseCohortSection } from '../../src/cohort/schema.ts';

export const imageTerms = (mode: 'block' | 'map' = 'block'): ImageTerms => ({
  digest: 'd'.repeat(64),
  boundary: 'bubblewrap',
  declaration: {
    mode,
    columns: [{ name: 'code', type: 'int64' }],
    fields: [
      { name: 'a', min: 0, max: 10, default: 5 },
      { name: 'b', min: -3, max: 4, default: 0, step: '1/10', unit: 'mmol/L' },
    ],
    memory: 4,
    fuel: 1_000_000,
  },
});

export type InsideOptions = {
  readonly rows?: number;
  readonly cells?: number;
  readonly mode?: 'block' | 'map';
  readonly operations?: readonly string[];
};

export const insideStudy = ({
  rows = 1,
  cells = 1,
  mode = 'block',
  operations = ['top', 'keys', 'image', 'count'],
}: InsideOptions = {}): StudyTerms => ({
  study: '0'.repeat(64),
  holders: ['lu', 'jp'],
  honestHolders: 1,
  cohort: parseCohortSection(
    {
      person: 'pid',
      rowsPerPerson: rows,
      cellsPerPerson: cells,
      declaredSize: { lu: 5000, jp: 4000 },
      nulls: [''],
      columns: {
        sex: { type: 'category', domain: ['F', 'M'] },
        icd: { type: 'category', domain: ['E10', 'E11', 'I10', 'J45'] },
        code: { type: 'integer', min: 0, max: 2 ** 40 },
      },
    },
    ['lu', 'jp'],
  ),
  operations,
  minimumCell: 10,
  images: [imageTerms(mode)],
});
