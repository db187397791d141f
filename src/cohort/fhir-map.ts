/**
 * Where a column of the study is in FHIR R4 resources: an entry of `maps` in a cohort section.
 *
 *     { "fhir": { "resource": "Patient", "field": "gender", "values": { "male": "M" } } }
 *     { "fhir": { "resource": "Observation", "code": "http://loinc.org|4548-4", "field": "value" } }
 *     { "fhir": { "resource": "Condition", "code": "http://snomed.info/sct|44054006",
 *                 "field": "present", "values": { "true": "yes", "false": "no" } } }
 *     { "fhir": { "day": true } }
 *
 * A code is `system|code`, as FHIR writes a token to search for (R4, 3.1.1.4.10). `values` turns
 * what a resource says into what the column holds, by `system|code` or by the code alone; what it
 * does not have stays as it is. `present`, `onsetDay` and `firstDay` are of the person and hold for
 * every row; the rest of a day's resources are of that day.
 * @module
 */
import { type Static, Type } from 'typebox';
import { isPlainLine } from '../base/input.ts';
import type { ColumnSpec } from './column-shape.ts';

const CLOSED = { additionalProperties: false } as const;

type ColumnType = ColumnSpec['type'];

const CATEGORY: readonly ColumnType[] = ['category'];
const DATE: readonly ColumnType[] = ['date'];
const ANY: readonly ColumnType[] = ['category', 'integer', 'number', 'date'];

type Resource = {
  /** Is a code needed, which says what the resource is about? */
  readonly coded: boolean;
  /** What a column of a field must be. */
  readonly fields: Readonly<Record<string, readonly ColumnType[]>>;
};

const DONE: Resource = { coded: true, fields: { present: CATEGORY, day: DATE, firstDay: DATE } };

const RESOURCES = {
  Patient: {
    coded: false,
    fields: { gender: CATEGORY, birthDate: DATE, deceased: CATEGORY, deceasedDate: DATE },
  },
  Encounter: { coded: false, fields: { class: CATEGORY, day: DATE } },
  Observation: { coded: true, fields: { value: ANY, valueCode: CATEGORY, day: DATE } },
  Condition: { coded: true, fields: { present: CATEGORY, day: DATE, onsetDay: DATE } },
  Procedure: DONE,
  MedicationStatement: DONE,
  MedicationRequest: DONE,
} as const satisfies Record<string, Resource>;

export type FhirResource = keyof typeof RESOURCES;

const NAMES = Object.keys(RESOURCES) as FhirResource[];
const FIELDS = [...new Set(Object.values(RESOURCES).flatMap(({ fields }) => Object.keys(fields)))];
const resourceOf = (name: FhirResource): Resource => RESOURCES[name];

export const FhirMap = Type.Object(
  {
    /** The day of the row. Alone. */
    day: Type.Optional(Type.Literal(true)),
    resource: Type.Optional(Type.Enum(NAMES)),
    code: Type.Optional(Type.String({ minLength: 3, maxLength: 256 })),
    field: Type.Optional(Type.Enum(FIELDS)),
    values: Type.Optional(
      Type.Record(Type.String(), Type.String({ minLength: 1, maxLength: 128 })),
    ),
  },
  CLOSED,
);

export type FhirMap = Static<typeof FhirMap>;

type Report = (code: string, ...at: readonly string[]) => void;

/** `system|code`: a system without spaces or bars, and a code of it. */
const isToken = (text: string): boolean =>
  /^[^\s|]+\|[^\s|]+$/.test(text) && isPlainLine(text, 256);

/** What `values` of a map by texts may get wrong. */
export function valuesErrors(
  column: ColumnSpec,
  values: Readonly<Record<string, string>> | undefined,
  report: Report,
): void {
  if (values === undefined) return;
  if (column.type !== 'category') {
    report('UNKNOWN_FIELD', 'values');
    return;
  }
  for (const [from, to] of Object.entries(values)) {
    if (!isPlainLine(from, 256) || !isPlainLine(to, 128)) report('WRONG_FORMAT', 'values', from);
    else if (!column.domain.includes(to)) report('UNKNOWN_VALUE', 'values', from);
  }
}

/** What a map to the day of the row may get wrong, of any kind of records. */
export function dayErrors(column: ColumnSpec, map: object, report: Report): void {
  for (const key of Object.keys(map)) if (key !== 'day') report('UNKNOWN_FIELD', key);
  if (column.type !== 'date') report('WRONG_TYPE', 'day');
}

/** What a map of the right shape may still get wrong; `report` points below the map. */
export function fhirMapErrors(column: ColumnSpec, map: FhirMap, report: Report): void {
  if (map.day === true) {
    dayErrors(column, map, report);
    return;
  }
  const { resource: name, code, field, values } = map;
  if (name === undefined) report('MISSING_FIELD', 'resource');
  if (field === undefined) report('MISSING_FIELD', 'field');
  if (name === undefined || field === undefined) return;
  const { coded, fields } = resourceOf(name);
  const types = Object.hasOwn(fields, field) ? fields[field] : undefined;
  if (types === undefined) report('UNKNOWN_VALUE', 'field');
  else if (!types.includes(column.type)) report('WRONG_TYPE', 'field');
  if (coded && code === undefined) report('MISSING_FIELD', 'code');
  if (!coded && code !== undefined) report('UNKNOWN_FIELD', 'code');
  if (code !== undefined && !isToken(code)) report('WRONG_FORMAT', 'code');
  valuesErrors(column, values, report);
}

/** Does this map read a number that has a unit? */
export const fhirHasUnit = ({ field }: FhirMap): boolean => field === 'value';

/** What `values` does, in words, for any kind of records. */
export function valuesWords(values: Readonly<Record<string, string>> = {}): string {
  const renamed = Object.entries(values).map(([from, to]) => `${from} is "${to}"`);
  return renamed.length === 0 ? '' : `, ${renamed.join(', ')}`;
}

export function fhirWords({ day, resource, code, field, values }: FhirMap): string {
  if (day === true) return 'the day of the FHIR resource';
  const about = code === undefined ? '' : ` of ${code}`;
  return `${field ?? ''} in FHIR ${resource ?? ''}${about}${valuesWords(values)}`;
}
