/**
 * Reads tables of OMOP CDM 5.4 as the cohort of a study: which tables are needed follows from the
 * study's maps, and where they are from the names of the files.
 *
 * PERSON and every table that a map names must be there; FILE_NOT_FOUND otherwise. Where a study
 * has concepts, the other tables of records are read for theirs, as far as they are there: a
 * `hasConcept` is true of a person with a record in one of those. CONCEPT and CONCEPT_ANCESTOR may
 * be missing; without the latter a concept has nothing below it, which the staff is told.
 * @module
 */
import { check } from '../../../base/errors.ts';
import type { Session } from '../../duckdb/session.ts';
import type { ClinicalRequest, ClinicalSource, ReadRecords } from '../source.ts';
import { PERSON, RECORD_NAMES, RECORD_TABLES, type RecordName } from './cdm.ts';
import { tableFiles } from './folder.ts';
import { createLookups, fillAncestors } from './lookups.ts';
import { fillDeaths, fillPeople } from './people.ts';
import { fillRecords, recordFields, type RecordsRequest } from './records.ts';
import { type CdmTable, openTable } from './table.ts';
import { personFields, type WantedTables, wantedTables } from './wanted.ts';

type Opened = {
  readonly wanted: WantedTables;
  readonly concepts: boolean;
  readonly person: CdmTable;
  readonly death: CdmTable | undefined;
  readonly records: readonly RecordsRequest[];
  readonly concept: CdmTable | undefined;
  readonly ancestor: CdmTable | undefined;
  readonly warnings: readonly string[];
};

type Fields = readonly [string, ...string[]];

async function openAll(request: ClinicalRequest): Promise<Opened> {
  const { section, holder, encoding, workDirectory } = request;
  const files = await tableFiles(request.paths);
  const wanted = wantedTables(section, holder);
  const concepts = section.concepts === 'omop';
  const optional = async (name: string, fields: Fields): Promise<CdmTable | undefined> => {
    const file = files.find(name);
    if (file === undefined) return undefined;
    return openTable({ name, file, fields, encoding, workDirectory });
  };
  const needed = async (name: string, fields: Fields): Promise<CdmTable> => {
    const table = await optional(name, fields);
    check(table !== undefined, 'FILE_NOT_FOUND', `table ${name}`);
    return table;
  };
  const person = await needed('PERSON', [PERSON, ...personFields(wanted.person)]);
  const death =
    wanted.death.length === 0 ? undefined : await needed('DEATH', [PERSON, 'death_date']);
  const records: RecordsRequest[] = [];
  const absent: RecordName[] = [];
  for (const name of RECORD_NAMES) {
    const of = wanted.records.get(name) ?? [];
    if (of.length === 0 && !concepts) continue;
    const valued = RECORD_TABLES[name].valued && of.length > 0;
    const open = of.length > 0 ? needed : optional;
    const table = await open(RECORD_TABLES[name].table, recordFields(name, valued));
    if (table === undefined) absent.push(name);
    else records.push({ name, table, wanted: of, valued, concepts });
  }
  const below = concepts || wanted.descendants;
  const concept = records.some(({ valued }) => valued)
    ? await optional('CONCEPT', ['concept_id', 'concept_code', 'vocabulary_id'])
    : undefined;
  const ancestor = below
    ? await optional('CONCEPT_ANCESTOR', ['ancestor_concept_id', 'descendant_concept_id'])
    : undefined;
  const warnings = [
    ...absent.map((name) => `${RECORD_TABLES[name].table}_MISSING`),
    ...(below && ancestor === undefined ? ['CONCEPT_ANCESTOR_MISSING'] : []),
  ];
  return { wanted, concepts, person, death, records, concept, ancestor, warnings };
}

async function fill(session: Session, opened: Opened): Promise<ReadRecords> {
  const { wanted, concepts, person, death, ancestor, warnings } = opened;
  await createLookups(session, wanted, opened);
  const people = await fillPeople(session, person, wanted.person);
  if (death !== undefined) await fillDeaths(session, death, wanted.death);
  const read = [{ name: person.name, file: person.file, records: people, ofUnknownPeople: 0 }];
  for (const request of opened.records) {
    const counts = await fillRecords(session, request);
    read.push({ name: request.table.name, file: request.table.file, ...counts });
  }
  if (concepts && ancestor !== undefined) await fillAncestors(session, ancestor);
  return { read, warnings };
}

export async function openOmop(request: ClinicalRequest): Promise<ClinicalSource> {
  const opened = await openAll(request);
  return { fill: (session) => fill(session, opened) };
}
