/**
 * FHIR NDJSON files, or folders of them, as a source of a cohort.
 *
 * What a person has or was given (`present`) is known only when everything is read: whoever is
 * seen and does not have it gets `false` then. Of several first days the earliest is kept.
 * @module
 */
import { planColumns } from '../../../cohort/schema.ts';
import { Parameters } from '../../duckdb/parameters.ts';
import type { Session } from '../../duckdb/session.ts';
import { appendRecords } from '../event-tables.ts';
import { linesOf, textOf } from '../lines.ts';
import { type RecordFile, recordFiles } from '../record-files.ts';
import type { ClinicalReader, ClinicalRequest, ReadRecords } from '../source.ts';
import { type FhirColumn, readFhir, type ResourceCounts } from './read.ts';

type Placed = FhirColumn & { readonly place: number };

function fhirColumns({ section, holder }: ClinicalRequest): Placed[] {
  const maps = section.maps?.[holder] ?? {};
  return planColumns(section).flatMap(({ name }, place) => {
    const map = Object.hasOwn(maps, name) ? maps[name] : undefined;
    return map !== undefined && 'fhir' in map ? [{ column: name, place, map: map.fhir }] : [];
  });
}

/** `false` for everybody who is seen and of whom nothing was recorded. */
async function addAbsent(session: Session, { place, map }: Placed): Promise<void> {
  const parameters = new Parameters();
  const col = parameters.integer(place);
  const absent = parameters.text(map.values?.['false'] ?? 'false');
  await session.run(
    `INSERT INTO clinical_fact (person, col, value)
      SELECT DISTINCT person, ${col}, ${absent} FROM clinical_person
      WHERE person NOT IN (SELECT person FROM clinical_fact WHERE col = ${col})`,
    parameters,
  );
}

/** Days are texts of one length here, so the least text is the earliest. */
async function keepFirst(session: Session, { place }: Placed): Promise<void> {
  const parameters = new Parameters();
  const col = parameters.integer(place);
  await session.run(
    `DELETE FROM clinical_fact AS later WHERE col = ${col} AND value >
      (SELECT min(value) FROM clinical_fact WHERE col = ${col} AND person = later.person)`,
    parameters,
  );
}

async function countStrangers(session: Session): Promise<number> {
  const [row = []] = await session.rows(
    `SELECT count(DISTINCT person) FROM
      (SELECT person FROM clinical_fact UNION ALL SELECT person FROM clinical_event)
      WHERE person NOT IN (SELECT person FROM clinical_person)`,
  );
  return Number(row[0] ?? 0);
}

/** A fact says of nobody that they are in the cohort: only a Patient resource does. */
const dropStrangers = (session: Session): Promise<unknown> =>
  session.run('DELETE FROM clinical_fact WHERE person NOT IN (SELECT person FROM clinical_person)');

async function fillFrom(
  session: Session,
  request: ClinicalRequest,
  files: readonly RecordFile[],
): Promise<ReadRecords> {
  const columns = fhirColumns(request);
  const names = planColumns(request.section).map(({ name }) => name);
  const read: ReadRecords['read'][number][] = [];
  for (const file of files) {
    const counts: ResourceCounts = new Map();
    const lines = linesOf(textOf(file.path, file.name, request.encoding), file.name);
    await appendRecords(session, names, readFhir(lines, columns, file.name, counts));
    for (const [name, records] of [...counts].sort()) {
      read.push({ name, file: file.name, records });
    }
  }
  const strangers = await countStrangers(session);
  await dropStrangers(session);
  for (const column of columns) {
    if (column.map.field === 'present') await addAbsent(session, column);
    if (['firstDay', 'onsetDay'].includes(column.map.field ?? '')) await keepFirst(session, column);
  }
  return { read, warnings: strangers > 0 ? ['SUBJECT_WITHOUT_PATIENT'] : [] };
}

export const openFhir: ClinicalReader = async (request) => {
  const files = await recordFiles(request.paths, ['.ndjson', '.jsonl']);
  return { fill: (session) => fillFrom(session, request, files) };
};
