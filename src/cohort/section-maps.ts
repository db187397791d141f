/** What the `maps` of a cohort section may get wrong: where each holder has the columns. @module */
import { isPlainLine } from '../base/input.ts';
import type { CohortSection } from './section-shape.ts';
import { isDerived } from './derived-column.ts';
import { sourceUnitErrors } from './section-units.ts';
import { isRecordMap, kindOf, recordMapErrors, type SourceMap } from './source-map.ts';

type Report = (code: string, ...at: readonly (string | number)[]) => void;
type Maps = Readonly<Record<string, SourceMap>>;

const own = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

function entryErrors(section: CohortSection, name: string, map: SourceMap, report: Report): void {
  const column = own(section.columns, name);
  const isRecord = isRecordMap(map);
  // Records say themselves whose they are.
  if (column === undefined && (isRecord || name !== section.person)) report('UNKNOWN_COLUMN');
  if (!isRecord && !isPlainLine(map.column, 256)) report('WRONG_FORMAT', 'column');
  if (isDerived(section, name)) report('DERIVED_COLUMN');
  else if (isRecord && column !== undefined) recordMapErrors(column, map, report);
}

/** A table has a column under its own name; records have it nowhere unless a map says where. */
function holderErrors(section: CohortSection, maps: Maps, report: Report): void {
  const kinds = Object.values(maps).map(kindOf);
  const kind = kinds.find((named) => named !== 'column') ?? 'column';
  for (const [name, map] of Object.entries(maps)) {
    if (kindOf(map) !== kind) report('MIXED_SOURCES', name);
  }
  const header = (name: string): string => {
    const map = own(maps, name);
    return map === undefined || isRecordMap(map) ? name : map.column;
  };
  for (const name of Object.keys(section.columns)) {
    if (isDerived(section, name)) continue;
    if (kind !== 'column') {
      if (!Object.hasOwn(maps, name)) report('MISSING_FIELD', name);
    } else if (header(name) === header(section.person)) report('PERSON_IS_COLUMN', name);
  }
}

export function mapErrors(
  section: CohortSection,
  holders: readonly string[],
  report: Report,
): void {
  for (const [holder, maps] of Object.entries(section.maps ?? {})) {
    if (!holders.includes(holder)) {
      report('UNKNOWN_HOLDER', 'maps', holder);
      continue;
    }
    for (const [name, map] of Object.entries(maps)) {
      entryErrors(section, name, map, (code, ...at) => report(code, 'maps', holder, name, ...at));
      sourceUnitErrors(name, own(section.columns, name), map.unit, {
        unit: (code) => report(code, 'maps', holder, name, 'unit'),
        analyte: (code) => report(code, 'columns', name, 'analyte'),
      });
    }
    holderErrors(section, maps, (code, ...at) => report(code, 'maps', holder, ...at));
  }
}
