/** The reader of each model of clinical records. @module */
import type { RecordKind } from '../../cohort/source-map.ts';
import { openFhir } from './fhir/open.ts';
import { openOmop } from './omop/reader.ts';
import { openOpenEhr } from './openehr/open.ts';
import type { ClinicalReader } from './source.ts';

export const READERS: Readonly<Record<RecordKind, ClinicalReader>> = {
  omop: openOmop,
  fhir: openFhir,
  openehr: openOpenEhr,
};
