/**
 * FHIR R4 resources, one a line (NDJSON, as the Bulk Data Access guide exports them), as records
 * of a study's columns.
 *
 * A person is in the cohort where there is a Patient resource; its id is the person. Everything
 * else counts for the patient that its subject refers to. Resources may come in any order and over
 * any number of files. What no map asks for is skipped; a line that is no resource is refused with
 * its number, for a cut or a mixed-up file must not pass as a smaller cohort. So is a Bundle.
 *
 * One line is in memory at a time.
 * @module
 */
import { check } from '../../../base/errors.ts';
import type { FhirMap } from '../../../cohort/fhir-map.ts';
import type { ClinicalRecord } from '../event.ts';
import { type Node, parsedNode, textAt } from '../json-node.ts';
import { personOf, type Recorded, recordedIn } from './resource.ts';

export type FhirColumn = { readonly column: string; readonly map: FhirMap };

/** How many resources of a type were read. */
export type ResourceCounts = Map<string, number>;

function recordOf(
  column: string,
  person: string,
  recorded: Recorded,
  record: string | undefined,
): ClinicalRecord {
  const { value, unit, day } = recorded;
  const measured = { person, column, value, ...(unit !== undefined && { unit }) };
  if (day === undefined) return { kind: 'person', ...measured };
  return { kind: 'event', ...measured, day, ...(record !== undefined && { record }) };
}

function* recordsOf(
  name: string,
  resource: Node,
  columns: readonly FhirColumn[],
): Generator<ClinicalRecord> {
  const person = personOf(name, resource);
  if (person === undefined) return;
  if (name === 'Patient') yield { kind: 'seen', person };
  const id = textAt(resource['id']);
  const record = id === undefined ? undefined : `${name}/${id}`;
  for (const { column, map } of columns) {
    for (const recorded of recordedIn(name, resource, map)) {
      yield recordOf(column, person, recorded, record);
    }
  }
}

/** Columns by the type of resource that they are read from. */
function byResource(columns: readonly FhirColumn[]): ReadonlyMap<string, readonly FhirColumn[]> {
  const found = new Map<string, FhirColumn[]>([['Patient', []]]);
  for (const column of columns) {
    const { resource } = column.map;
    if (resource === undefined) continue;
    found.set(resource, [...(found.get(resource) ?? []), column]);
  }
  return found;
}

/** Reads `lines` of the file called `name`. Refuses with COHORT_UNREADABLE. */
export async function* readFhir(
  lines: AsyncIterable<string>,
  columns: readonly FhirColumn[],
  name: string,
  counts: ResourceCounts = new Map(),
): AsyncGenerator<ClinicalRecord, void, undefined> {
  const wanted = byResource(columns);
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line.trim() === '') continue;
    const resource = parsedNode(line);
    const type = textAt(resource?.['resourceType']);
    const where = `${name}: line ${number}`;
    check(
      resource !== undefined && type !== undefined,
      'COHORT_UNREADABLE',
      `${where}: no FHIR resource`,
    );
    check(type !== 'Bundle', 'COHORT_UNREADABLE', `${where}: a Bundle: one resource a line`);
    counts.set(type, (counts.get(type) ?? 0) + 1);
    const asked = wanted.get(type);
    if (asked !== undefined) yield* recordsOf(type, resource, asked);
  }
}
