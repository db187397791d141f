/**
 * Where a column of the study is in openEHR compositions: an entry of `maps` in a cohort section.
 *
 *     { "openehr": { "path":
 *       "/content[openEHR-EHR-OBSERVATION.body_weight.v2]/data/events/data/items[at0004]/value" } }
 *     { "openehr": { "path": "/...", "values": { "local::at0064": "chills" } } }
 *     { "openehr": { "day": true } }
 *
 * A path that ends at a data value takes what that type holds: the magnitude and unit of a
 * quantity, the code of a coded text, the day of a date; a path may also go on to one attribute of
 * it. `values` turns that into what the column holds, by `terminology::code` or by the text alone.
 * @module
 */
import { type Static, Type } from 'typebox';
import { isPlainLine } from '../base/input.ts';
import { readArchetypePath } from './archetype-path.ts';
import { dayErrors, valuesErrors, valuesWords } from './fhir-map.ts';
import type { ColumnSpec } from './column-shape.ts';

const MOST_CHARACTERS = 1024;

export const OpenEhrMap = Type.Object(
  {
    /** The day of the row: when the composition's context began. Alone. */
    day: Type.Optional(Type.Literal(true)),
    path: Type.Optional(Type.String({ minLength: 2, maxLength: MOST_CHARACTERS })),
    values: Type.Optional(
      Type.Record(Type.String(), Type.String({ minLength: 1, maxLength: 128 })),
    ),
  },
  { additionalProperties: false },
);

export type OpenEhrMap = Static<typeof OpenEhrMap>;

/** What a map of the right shape may still get wrong; `report` points below the map. */
export function openEhrMapErrors(
  column: ColumnSpec,
  map: OpenEhrMap,
  report: (code: string, ...at: readonly string[]) => void,
): void {
  const { day, path, values } = map;
  if (day === true) {
    dayErrors(column, map, report);
    return;
  }
  if (path === undefined) report('MISSING_FIELD', 'path');
  else if (!isPlainLine(path, MOST_CHARACTERS) || readArchetypePath(path) === undefined) {
    report('WRONG_FORMAT', 'path');
  }
  valuesErrors(column, values, report);
}

/** A quantity may be anywhere; a unit that is never needed does no harm. */
export const openEhrHasUnit = ({ day }: OpenEhrMap): boolean => day !== true;

export const openEhrWords = ({ day, path, values }: OpenEhrMap): string =>
  day === true ? 'the day of the composition' : `openEHR ${path ?? ''}${valuesWords(values)}`;
