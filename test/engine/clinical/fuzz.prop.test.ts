/** Readers of records never crash on what somebody else wrote: records, nothing, or a refusal. */
import { deepStrictEqual, ok } from 'node:assert/strict';
import * as fc from 'fast-check';
import { test } from 'vitest';
import { Refusal } from '../../../src/base/errors.ts';
import type { FhirMap } from '../../../src/cohort/fhir-map.ts';
import type { ClinicalRecord } from '../../../src/engine/clinical/event.ts';
import { readFhir } from '../../../src/engine/clinical/fhir/read.ts';
import { readOpenEhr } from '../../../src/engine/clinical/openehr/read.ts';
import { collected, each } from './collected.ts';

const CODE = 'a|b';
const FIELDS: readonly (readonly [FhirMap['resource'], readonly string[]])[] = [
  ['Patient', ['gender', 'birthDate', 'deceased', 'deceasedDate']],
  ['Encounter', ['class', 'day']],
  ['Observation', ['value', 'valueCode', 'day']],
  ['Condition', ['present', 'day', 'onsetDay']],
  ['MedicationStatement', ['present', 'day', 'firstDay']],
];
const COLUMNS = FIELDS.flatMap(([resource, fields]) =>
  fields.map((field) => ({
    column: `${resource ?? ''} ${field}`,
    map: { resource, field, code: CODE } as FhirMap,
  })),
);

const PATHS = ['/content/data/events/data/items/value', "/content[a and b/c='1']/data/value"];
const PLACES = PATHS.map((path) => ({ column: path, map: { path } }));

/** Objects with the names that readers look for, and anything at all behind them. */
function documents(names: readonly string[]) {
  const name = fc.constantFrom(...names);
  const leaf = fc.oneof(
    fc.constantFrom('a', 'b', '2020-01-01', 'Patient/1', 'urn:uuid:x', 'final', '1', ''),
    fc.jsonValue({ maxDepth: 1 }),
  );
  const { node } = fc.letrec<{ node: unknown; list: unknown }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'medium', maxDepth: 6 },
      leaf,
      fc.dictionary(name, tie('node'), { maxKeys: 6 }),
      tie('list'),
    ),
    list: fc.array(tie('node'), { maxLength: 3 }),
  }));
  return fc.dictionary(name, node, { minKeys: 1, maxKeys: 8 });
}

/** What happens: how many records, or the code of a refusal. Throws what is neither. */
async function outcome(records: AsyncIterable<ClinicalRecord>): Promise<number | string> {
  try {
    const found = await collected(records);
    for (const record of found) {
      if (record.kind !== 'seen') deepStrictEqual(typeof record.value, 'string');
    }
    return found.length;
  } catch (error) {
    if (error instanceof Refusal) return String(error.code);
    throw error;
  }
}

const RESOURCE = [
  ...['id', 'status', 'code', 'coding', 'system', 'subject', 'reference', 'gender', 'birthDate'],
  ...['effectiveDateTime', 'effectivePeriod', 'start', 'valueQuantity', 'value', 'valueString'],
  ...['valueCodeableConcept', 'component', 'class', 'period', 'deceasedDateTime', 'onsetDateTime'],
  ...['medicationCodeableConcept', 'verificationStatus', 'comparator', 'unit', '__proto__'],
];

test('FHIR resources with anything in them', async () => {
  let records = 0;
  const type = fc.constantFrom(...FIELDS.map(([name]) => name));
  await fc.assert(
    fc.asyncProperty(type, documents(RESOURCE), async (resourceType, more) => {
      // Enough of a resource that its values are looked at.
      const code = { coding: [{ system: 'a', code: 'b' }] };
      const about = { id: '1', code, subject: { reference: 'Patient/1' } };
      const line = JSON.stringify({ ...about, ...more, resourceType });
      const found = await outcome(readFhir(each([line]), COLUMNS, 'file 1'));
      records += Number(found);
    }),
    { numRuns: 500 },
  );
  ok(records > 100, `control: ${records} records`);
});

const COMPOSITION = [
  ...['_type', 'content', 'data', 'events', 'items', 'value', 'magnitude', 'units', 'context'],
  ...['start_time', 'archetype_node_id', 'defining_code', 'code_string', 'terminology_id', 'uid'],
  ...['subject', 'external_ref', 'id', 'ehr_id', 'composition', 'category', '__proto__'],
];

test('compositions with anything in them', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(documents(COMPOSITION), fc.boolean(), async (more, whole) => {
      const base = { _type: 'COMPOSITION', archetype_node_id: 'a' };
      const category = { defining_code: { code_string: '433' } };
      const document = whole ? { ...more, ...base, category } : more;
      const text = JSON.stringify(document);
      const found = await outcome(readOpenEhr(each([{ text, name: 'x', folder: 'p' }]), PLACES));
      seen.add(typeof found);
    }),
    { numRuns: 500 },
  );
  deepStrictEqual([...seen].sort(), ['number', 'string']);
});
