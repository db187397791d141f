/** A study with 4,096 cells a query: one run gives that many independent samples of the noise. */
import type { Json } from '../../src/base/canonical-json.ts';
import type { StudyOptions } from './study.ts';

export const CELLS = 4096;

/** One cell for each value and one for null. */
const domain = Array.from({ length: CELLS - 1 }, (_, index) => `v${index}`);
const columns: Json = { code: { type: 'category', domain } };

export const WIDE: StudyOptions = { cohort: { columns }, rho: '100/1' };
