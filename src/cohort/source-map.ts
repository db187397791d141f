/**
 * How a holder may say where its data have a column of the study: by the header of a table, or by
 * what the column is in a model of clinical records. All columns of a holder are said one way.
 *
 * The unit beside a header is that of the file. Records carry their own; beside a map into records
 * it is the unit of those that come without one.
 * @module
 */
import { type Static, Type } from 'typebox';
import { FhirMap, fhirHasUnit, fhirMapErrors, fhirWords } from './fhir-map.ts';
import { OmopMap, omopHasUnit, omopMapErrors, omopWords } from './omop-map.ts';
import { OpenEhrMap, openEhrHasUnit, openEhrMapErrors, openEhrWords } from './openehr-map.ts';
import type { ColumnSpec } from './column-shape.ts';

const CLOSED = { additionalProperties: false } as const;
const Unit = Type.Optional(Type.String({ minLength: 1, maxLength: 32 }));

/** The shape of each kind of entry. Named apart so that an error points into the right one. */
export const SOURCE_SHAPES = {
  column: Type.Object(
    { column: Type.String({ minLength: 1, maxLength: 256 }), unit: Unit },
    CLOSED,
  ),
  omop: Type.Object({ omop: OmopMap, unit: Unit }, CLOSED),
  fhir: Type.Object({ fhir: FhirMap, unit: Unit }, CLOSED),
  openehr: Type.Object({ openehr: OpenEhrMap, unit: Unit }, CLOSED),
} as const;

export type SourceKind = keyof typeof SOURCE_SHAPES;
/** The kinds that are not a header. */
export type RecordKind = Exclude<SourceKind, 'column'>;

type Frozen<T> = { readonly [K in keyof T]: T[K] extends object ? Frozen<T[K]> : T[K] };

/** An entry of `maps`, of one kind. */
export type SourceMap<K extends SourceKind = SourceKind> = {
  [T in K]: Frozen<Static<(typeof SOURCE_SHAPES)[T]>>;
}[K];

const RECORD_KINDS = Object.keys(SOURCE_SHAPES).filter((kind) => kind !== 'column') as RecordKind[];

/** The kind of an entry; what names no model is meant to name a header. */
export const kindOf = (map: object): SourceKind =>
  RECORD_KINDS.find((kind) => kind in map) ?? 'column';

export const isRecordMap = (map: SourceMap): map is SourceMap<RecordKind> =>
  kindOf(map) !== 'column';

/** Does the column hold the day of the row? */
export function isDay(map: SourceMap): boolean {
  if ('omop' in map) return map.omop.day === true;
  if ('fhir' in map) return map.fhir.day === true;
  return 'openehr' in map && map.openehr.day === true;
}

type Report = (code: string, ...at: readonly string[]) => void;

/** What an entry of the right shape may still get wrong; `report` points below the entry. */
export function recordMapErrors(
  column: ColumnSpec,
  map: SourceMap<RecordKind>,
  report: Report,
): void {
  const below =
    (kind: RecordKind): Report =>
    (code, ...at) =>
      report(code, kind, ...at);
  if ('omop' in map) omopMapErrors(column, map.omop, below('omop'));
  else if ('fhir' in map) fhirMapErrors(column, map.fhir, below('fhir'));
  else openEhrMapErrors(column, map.openehr, below('openehr'));
  // What no number can have, section-units.ts says of every kind of entry.
  const numeric = column.type === 'integer' || column.type === 'number';
  if (map.unit !== undefined && numeric && !hasUnit(map)) report('UNIT_NOT_ALLOWED', 'unit');
}

function hasUnit(map: SourceMap<RecordKind>): boolean {
  if ('omop' in map) return omopHasUnit(map.omop);
  return 'fhir' in map ? fhirHasUnit(map.fhir) : openEhrHasUnit(map.openehr);
}

/** Where the column is, in words. */
export function recordWords(map: SourceMap<RecordKind>): string {
  if ('omop' in map) return omopWords(map.omop);
  return 'fhir' in map ? fhirWords(map.fhir) : openEhrWords(map.openehr);
}
