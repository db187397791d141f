/**
 * The tables of OMOP CDM 5.4 that are read, and what their fields are called
 * (ohdsi.github.io/CommonDataModel/cdm54.html). Of each table only the fields are needed that a
 * study uses.
 * @module
 */
import type { OmopTable } from '../../../cohort/omop-map.ts';

/** What is said of a record that has a concept and a day. */
export type RecordTable = {
  /** Name of the table, as a file is called. */
  readonly table: string;
  readonly id: string;
  readonly concept: string;
  readonly day: string;
  /** A value, as a number or a concept, and its unit. */
  readonly valued: boolean;
};

export type RecordName = Exclude<OmopTable, 'person' | 'death'>;

export const RECORD_TABLES: Readonly<Record<RecordName, RecordTable>> = {
  measurement: {
    table: 'MEASUREMENT',
    id: 'measurement_id',
    concept: 'measurement_concept_id',
    day: 'measurement_date',
    valued: true,
  },
  observation: {
    table: 'OBSERVATION',
    id: 'observation_id',
    concept: 'observation_concept_id',
    day: 'observation_date',
    valued: true,
  },
  condition: {
    table: 'CONDITION_OCCURRENCE',
    id: 'condition_occurrence_id',
    concept: 'condition_concept_id',
    day: 'condition_start_date',
    valued: false,
  },
  drug: {
    table: 'DRUG_EXPOSURE',
    id: 'drug_exposure_id',
    concept: 'drug_concept_id',
    day: 'drug_exposure_start_date',
    valued: false,
  },
  procedure: {
    table: 'PROCEDURE_OCCURRENCE',
    id: 'procedure_occurrence_id',
    concept: 'procedure_concept_id',
    day: 'procedure_date',
    valued: false,
  },
  visit: {
    table: 'VISIT_OCCURRENCE',
    id: 'visit_occurrence_id',
    concept: 'visit_concept_id',
    day: 'visit_start_date',
    valued: false,
  },
};

export const RECORD_NAMES = Object.keys(RECORD_TABLES) as readonly RecordName[];

export const PERSON = 'person_id';

/** Fields of PERSON for each field of a map. */
export const PERSON_FIELDS: Readonly<Record<string, readonly string[]>> = {
  gender: ['gender_concept_id'],
  race: ['race_concept_id'],
  ethnicity: ['ethnicity_concept_id'],
  birth: ['year_of_birth', 'month_of_birth', 'day_of_birth'],
  birthYear: ['year_of_birth'],
};

export const VALUE_FIELDS = ['value_as_number', 'value_as_concept_id', 'unit_concept_id'] as const;
