/**
 * Where a column of the study is in tables of OMOP CDM 5.4: an entry of `maps` in a cohort section.
 *
 *     { "omop": { "table": "person", "field": "gender", "values": { "8507": "M", "8532": "F" } } }
 *     { "omop": { "table": "measurement", "concept": 3004410, "field": "value" } }
 *     { "omop": { "table": "condition", "concept": 201826, "descendants": true,
 *                 "field": "present", "values": { "true": "yes", "false": "no" } } }
 *     { "omop": { "day": true } }
 *
 * Concepts are concept_id of the standard vocabularies. `values` turns a concept_id, or `true`
 * and `false` of `present`, into what the column holds; what it does not have stays as it is.
 * @module
 */
import { type Static, Type } from 'typebox';
import { isPlainLine } from '../base/input.ts';
import type { ColumnSpec } from './column-shape.ts';

const CLOSED = { additionalProperties: false } as const;

/** concept_id is a 32-bit integer in the CDM; 0 says that there is no matching concept. */
export const CONCEPT = { minimum: 1, maximum: 2 ** 31 - 1 } as const;

type ColumnType = ColumnSpec['type'];

const CATEGORY: readonly ColumnType[] = ['category'];
const DATE: readonly ColumnType[] = ['date'];
const NUMERIC: readonly ColumnType[] = ['integer', 'number'];

type Table = {
  /** Is a concept needed, which says what the records are about? */
  readonly coded: boolean;
  /** What a column of a field must be. */
  readonly fields: Readonly<Record<string, readonly ColumnType[]>>;
};

const RECORDED: Table = {
  coded: true,
  fields: { value: NUMERIC, valueConcept: CATEGORY, day: DATE, present: CATEGORY, firstDay: DATE },
};
const OCCURRED: Table = { coded: true, fields: { present: CATEGORY, firstDay: DATE, day: DATE } };

const TABLES = {
  person: {
    coded: false,
    fields: {
      gender: CATEGORY,
      race: CATEGORY,
      ethnicity: CATEGORY,
      birth: DATE,
      birthYear: NUMERIC,
    },
  },
  death: { coded: false, fields: { date: DATE } },
  measurement: RECORDED,
  observation: RECORDED,
  condition: OCCURRED,
  drug: OCCURRED,
  procedure: OCCURRED,
  visit: OCCURRED,
} as const satisfies Record<string, Table>;

export type OmopTable = keyof typeof TABLES;

const NAMES = Object.keys(TABLES) as OmopTable[];
const FIELDS = [...new Set(Object.values(TABLES).flatMap(({ fields }) => Object.keys(fields)))];
const tableOf = (name: OmopTable): Table => TABLES[name];

export const OmopMap = Type.Object(
  {
    /** The day of the row. Alone. */
    day: Type.Optional(Type.Literal(true)),
    table: Type.Optional(Type.Enum(NAMES)),
    field: Type.Optional(Type.Enum(FIELDS)),
    concept: Type.Optional(Type.Integer(CONCEPT)),
    /** Also the concepts below it in CONCEPT_ANCESTOR. */
    descendants: Type.Optional(Type.Boolean()),
    values: Type.Optional(
      Type.Record(Type.String(), Type.String({ minLength: 1, maxLength: 128 })),
    ),
  },
  CLOSED,
);

export type OmopMap = Static<typeof OmopMap>;

type Report = (code: string, ...at: readonly string[]) => void;

const VALUE_KEYS = { present: /^(?:true|false)$/, concept: /^(?:0|[1-9][0-9]{0,9})$/ } as const;

function valuesErrors(column: ColumnSpec, { field, values = {} }: OmopMap, report: Report): void {
  if (column.type !== 'category') {
    if (Object.keys(values).length > 0) report('UNKNOWN_FIELD', 'values');
    return;
  }
  const keys = field === 'present' ? VALUE_KEYS.present : VALUE_KEYS.concept;
  for (const [from, to] of Object.entries(values)) {
    if (!keys.test(from) || !isPlainLine(to, 128)) report('WRONG_FORMAT', 'values', from);
    else if (!column.domain.includes(to)) report('UNKNOWN_VALUE', 'values', from);
  }
}

function dayErrors(column: ColumnSpec, map: OmopMap, report: Report): void {
  for (const key of Object.keys(map)) if (key !== 'day') report('UNKNOWN_FIELD', key);
  if (column.type !== 'date') report('WRONG_TYPE', 'day');
}

/** What a map of the right shape may still get wrong; `report` points below the map. */
export function omopMapErrors(column: ColumnSpec, map: OmopMap, report: Report): void {
  if (map.day === true) {
    dayErrors(column, map, report);
    return;
  }
  const { table: name, field, concept, descendants } = map;
  if (name === undefined) report('MISSING_FIELD', 'table');
  if (field === undefined) report('MISSING_FIELD', 'field');
  if (name === undefined || field === undefined) return;
  const { coded, fields } = tableOf(name);
  const types = Object.hasOwn(fields, field) ? fields[field] : undefined;
  if (types === undefined) report('UNKNOWN_VALUE', 'field');
  else if (!types.includes(column.type)) report('WRONG_TYPE', 'field');
  if (coded && concept === undefined) report('MISSING_FIELD', 'concept');
  if (!coded && concept !== undefined) report('UNKNOWN_FIELD', 'concept');
  if (!coded && descendants !== undefined) report('UNKNOWN_FIELD', 'descendants');
  valuesErrors(column, map, report);
}

/** Does this map read a number that has a unit? */
export const omopHasUnit = ({ field }: OmopMap): boolean => field === 'value';

export function omopWords({ day, table, field, concept, descendants, values }: OmopMap): string {
  if (day === true) return 'the day of the OMOP record';
  const about = concept === undefined ? '' : ` of concept ${concept}`;
  const below = descendants === true ? ' and those below it' : '';
  const renamed = Object.entries(values ?? {}).map(([from, to]) => `${from} is "${to}"`);
  const words = `${field ?? ''} in OMOP ${table ?? ''}${about}${below}`;
  return renamed.length === 0 ? words : `${words}, ${renamed.join(', ')}`;
}
