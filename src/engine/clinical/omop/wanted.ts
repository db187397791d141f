/** What the maps of a study ask of the tables of a CDM, by table. @module */
import { sourceMap } from '../../../cohort/column-source.ts';
import type { OmopMap } from '../../../cohort/omop-map.ts';
import { type CohortSection, planColumns } from '../../../cohort/schema.ts';
import { PERSON_FIELDS, RECORD_NAMES, type RecordName } from './cdm.ts';

export type Wanted = {
  /** Place among the stored columns. */
  readonly col: number;
  readonly map: OmopMap;
};

export type WantedTables = {
  readonly person: readonly Wanted[];
  readonly death: readonly Wanted[];
  readonly records: ReadonlyMap<RecordName, readonly Wanted[]>;
  /** Does anything depend on which concepts are below others? */
  readonly descendants: boolean;
};

export function wantedTables(section: CohortSection, holder: string): WantedTables {
  const all = planColumns(section).flatMap(({ name }, col): Wanted[] => {
    const map = sourceMap(section, holder, name);
    return map !== undefined && 'omop' in map ? [{ col, map: map.omop }] : [];
  });
  const of = (table: string): Wanted[] => all.filter(({ map }) => map.table === table);
  return {
    person: of('person'),
    death: of('death'),
    records: new Map(
      RECORD_NAMES.flatMap((name) => {
        const wanted = of(name);
        return wanted.length === 0 ? [] : [[name, wanted] as const];
      }),
    ),
    descendants: all.some(({ map }) => map.descendants === true),
  };
}

/** Fields of PERSON that the columns need. */
export const personFields = (person: readonly Wanted[]): string[] => [
  ...new Set(person.flatMap(({ map }) => PERSON_FIELDS[map.field ?? ''] ?? [])),
];
