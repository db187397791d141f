/** The study of test/examples as the query compiler sees it, with parts replaced. */
import { readFileSync } from 'node:fs';
import { type Json, parseStrict } from '../../src/base/canonical-json.ts';
import type { StudyTerms } from '../../src/cohort/query.ts';
import { parseCohortSection } from '../../src/cohort/schema.ts';

const example = (name: string): Json =>
  parseStrict(readFileSync(new URL(`../examples/${name}`, import.meta.url), 'utf8'));

type Section = Record<string, Json> & { columns: Record<string, Json> };

export const exampleStudy = (): Record<string, Json> =>
  example('study.json') as Record<string, Json>;
export const exampleSection = (): Section => structuredClone(exampleStudy().cohort) as Section;
export const exampleQuery = (): Record<string, Json> =>
  example('query.json') as Record<string, Json>;

export const terms = (
  section: Partial<Section> = {},
  changes: Partial<StudyTerms> = {},
): StudyTerms => ({
  study: 'ab'.repeat(32),
  holders: ['lu', 'jp'],
  honestHolders: 1,
  cohort: parseCohortSection({ ...exampleSection(), ...section } as Json, ['lu', 'jp']),
  operations: ['count'],
  minimumCell: 10,
  ...changes,
});
