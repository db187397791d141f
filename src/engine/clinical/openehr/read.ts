/**
 * openEHR compositions in canonical JSON, as records of a study's columns.
 *
 * The id of the EHR is not in a composition, so what holds it says whose it is: `ehr_id` beside
 * the composition, `{"ehr_id": ..., "composition": {...}}`; else the folder it lies in; else the
 * external reference of the subject of its entries. All compositions of a load must say it the
 * same way, for the ids of an EHR system and of a demographic system would make two people of one.
 *
 * The day of every value is when the composition's context began; a persistent composition has
 * none. Every value that a path finds is a record of its own event and entry. One composition is in
 * memory at a time.
 * @module
 */
import { check } from '../../../base/errors.ts';
import { type ArchetypePath, readArchetypePath } from '../../../cohort/archetype-path.ts';
import type { OpenEhrMap } from '../../../cohort/openehr-map.ts';
import type { ClinicalRecord } from '../event.ts';
import { type Node, nodeAt, nodesAt, parsedNode, textAt } from '../json-node.ts';
import { compositionFault, startOf, subjectOf } from './composition.ts';
import { isoDay } from './data-value.ts';
import { type Found, foundIn } from './walk.ts';

export type OpenEhrColumn = { readonly column: string; readonly map: OpenEhrMap };

export type CompositionText = {
  readonly text: string;
  /** What it is called in a refusal. */
  readonly name: string;
  /** The folder that it lies in, where folders are people. */
  readonly folder?: string;
};

type Wanted = OpenEhrColumn & { readonly path: ArchetypePath };
type Owned = { readonly person: string; readonly by: 'ehr_id' | 'folder' | 'subject' };

/** In REST an ehr_id is an object with a value. */
const ehrIdIn = (value: unknown): string | undefined =>
  textAt(value) ?? textAt(nodeAt(value)?.['value']);

function ownerOf(document: Node, composition: Node, folder: string | undefined): Owned | undefined {
  const ehr = ehrIdIn(document['ehr_id']);
  if (ehr !== undefined) return { person: ehr, by: 'ehr_id' };
  if (folder !== undefined) return { person: folder, by: 'folder' };
  const subject = subjectOf(nodesAt(composition['content']));
  return subject === undefined ? undefined : { person: subject, by: 'subject' };
}

function valueFor({ map: { values = {} } }: OpenEhrColumn, { value, token }: Found): string {
  const own = (key: string | undefined): string | undefined =>
    key !== undefined && Object.hasOwn(values, key) ? values[key] : undefined;
  return own(token) ?? own(value) ?? value;
}

function* recordsOf(
  composition: Node,
  person: string,
  wanted: readonly Wanted[],
): Generator<ClinicalRecord> {
  yield { kind: 'seen', person };
  const day = isoDay(startOf(composition)) ?? null;
  const uid = textAt(nodeAt(composition['uid'])?.['value']);
  for (const column of wanted) {
    for (const found of foundIn(composition, column.path)) {
      const { unit, place } = found;
      yield {
        kind: 'event',
        person,
        day,
        column: column.column,
        value: valueFor(column, found),
        ...(unit !== undefined && { unit }),
        ...(uid !== undefined && { record: `${uid}${place}` }),
      };
    }
  }
}

const withPath = (column: OpenEhrColumn): Wanted[] => {
  if (column.map.path === undefined) return [];
  const path = readArchetypePath(column.map.path);
  check(path !== undefined, 'INTERNAL', 'unchecked archetype path');
  return [{ ...column, path }];
};

/** Reads compositions. Refuses with COHORT_UNREADABLE what is none and what is nobody's. */
export async function* readOpenEhr(
  compositions: AsyncIterable<CompositionText>,
  columns: readonly OpenEhrColumn[],
): AsyncGenerator<ClinicalRecord, void, undefined> {
  const wanted = columns.flatMap(withPath);
  let by: Owned['by'] | undefined;
  for await (const { text, name, folder } of compositions) {
    const document = parsedNode(text);
    check(document !== undefined, 'COHORT_UNREADABLE', `${name}: no JSON object`);
    const composition = nodeAt(document['composition']) ?? document;
    const fault = compositionFault(composition);
    check(fault === undefined, 'COHORT_UNREADABLE', `${name}: no composition: ${fault ?? ''}`);
    const owner = ownerOf(document, composition, folder);
    check(owner !== undefined, 'COHORT_UNREADABLE', `${name}: does not say whose it is`);
    by ??= owner.by;
    check(owner.by === by, 'COHORT_UNREADABLE', `${name}: people by ${owner.by}, before by ${by}`);
    yield* recordsOf(composition, owner.person, wanted);
  }
}
