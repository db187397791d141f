/**
 * What a FHIR resource says of one person: the fields that a study's map may name.
 *
 * Dropped are resources that say of themselves that they do not hold: entered in error, cancelled,
 * without a result yet, a condition that was refuted, a medication that was not taken. A condition
 * that is provisional or only suspected is not dropped: how sure a diagnosis is, is not asked.
 * @module
 */
import type { FhirMap } from '../../../cohort/fhir-map.ts';
import { type Node, nodeAt, nodesAt, scalarAt, textAt } from '../json-node.ts';
import {
  type Coded,
  codedIn,
  codesOf,
  dayIn,
  dayOfElement,
  patientIn,
  quantityIn,
} from './data-types.ts';

/** Of a person where `day` is missing, of the person's day otherwise; null is an unknown day. */
export type Recorded = {
  readonly value: string;
  readonly unit?: string;
  readonly day?: string | null;
};

/** Statuses under which nothing was recorded. */
const DROPPED: Readonly<Record<string, readonly string[]>> = {
  Encounter: ['planned', 'cancelled', 'entered-in-error'],
  Observation: ['registered', 'cancelled', 'entered-in-error'],
  Procedure: ['preparation', 'not-done', 'entered-in-error'],
  MedicationStatement: ['not-taken', 'entered-in-error'],
  MedicationRequest: ['draft', 'cancelled', 'entered-in-error'],
};

/** Where a resource says what it is about. */
const CODE_OF: Readonly<Record<string, string>> = {
  Observation: 'code',
  Condition: 'code',
  Procedure: 'code',
  MedicationStatement: 'medicationCodeableConcept',
  MedicationRequest: 'medicationCodeableConcept',
};

const isDropped = (name: string, resource: Node): boolean =>
  (DROPPED[name] ?? []).includes(textAt(resource['status']) ?? '') ||
  resource['doNotPerform'] === true ||
  codesOf(resource['verificationStatus']).some(({ code }) =>
    ['refuted', 'entered-in-error'].includes(code),
  );

/** What a column holds for the codes of a concept: by the first that `values` has. */
function translated(codes: readonly Coded[], { values = {} }: FhirMap): string | undefined {
  const own = (key: string): string | undefined =>
    Object.hasOwn(values, key) ? values[key] : undefined;
  for (const { token, code } of codes) {
    const value = own(token) ?? own(code);
    if (value !== undefined) return value;
  }
  return codes[0]?.code;
}

const named = (code: string | undefined, map: FhirMap): string | undefined =>
  code === undefined ? undefined : translated([{ token: `|${code}`, code }], map);

function patientValue(resource: Node, map: FhirMap): string | undefined {
  const died = textAt(resource['deceasedDateTime']);
  if (map.field === 'gender') return named(textAt(resource['gender']), map);
  // A birthday that is no day, such as `1950`, goes on as it is, to be counted as unreadable.
  if (map.field === 'birthDate')
    return dayIn(resource['birthDate']) ?? textAt(resource['birthDate']);
  if (map.field === 'deceasedDate') return dayIn(died) ?? died;
  return named(died === undefined ? scalarAt(resource['deceasedBoolean']) : 'true', map);
}

/** `value[x]` of an observation or of one of its components. */
function observed(node: Node, map: FhirMap): Recorded | undefined {
  const concept = nodeAt(node['valueCodeableConcept']);
  if (map.field === 'valueCode') {
    const value = translated(codesOf(concept), map);
    return value === undefined ? undefined : { value };
  }
  const quantity = quantityIn(node['valueQuantity']);
  if (quantity !== undefined) return quantity;
  const plain =
    scalarAt(node['valueInteger']) ??
    scalarAt(node['valueBoolean']) ??
    dayIn(node['valueDateTime']) ??
    textAt(node['valueString']);
  const value = named(plain, map);
  return value === undefined ? undefined : { value };
}

const isAbout = (node: Node, at: string, map: FhirMap): boolean =>
  codesOf(node[at]).some(({ token }) => token === map.code);

function observation(resource: Node, map: FhirMap): Recorded[] {
  const day = dayOfElement(resource, 'effective') ?? null;
  return [resource, ...nodesAt(resource['component'])]
    .filter((node) => isAbout(node, 'code', map))
    .flatMap((node) => {
      if (map.field === 'day') return day === null ? [] : [{ value: day, day }];
      const value = observed(node, map);
      return value === undefined ? [] : [{ ...value, day }];
    });
}

function encounter(resource: Node, map: FhirMap): Recorded[] {
  const day = dayOfElement({ onPeriod: resource['period'] }, 'on') ?? null;
  const value = map.field === 'day' ? day : translated(codedIn(resource['class']), map);
  return value === null || value === undefined ? [] : [{ value, day }];
}

/** The day of a resource that is about a code and has no value. */
const DAY_OF: Readonly<Record<string, (resource: Node) => string | undefined>> = {
  Condition: (resource) => dayOfElement(resource, 'onset') ?? dayIn(resource['recordedDate']),
  Procedure: (resource) => dayOfElement(resource, 'performed'),
  MedicationStatement: (resource) =>
    dayOfElement(resource, 'effective') ?? dayIn(resource['dateAsserted']),
  MedicationRequest: (resource) => dayIn(resource['authoredOn']),
};

function coded(name: string, resource: Node, map: FhirMap): Recorded[] {
  if (!isAbout(resource, CODE_OF[name] ?? 'code', map)) return [];
  if (map.field === 'present') return [{ value: named('true', map) ?? 'true' }];
  // When a disease began is not when somebody wrote it down.
  const day = map.field === 'onsetDay' ? dayOfElement(resource, 'onset') : DAY_OF[name]?.(resource);
  if (day === undefined) return [];
  return [map.field === 'day' ? { value: day, day } : { value: day }];
}

/** Whom a resource is about; undefined where it does not say it by a reference. */
export const personOf = (name: string, resource: Node): string | undefined =>
  name === 'Patient' ? textAt(resource['id']) : patientIn(resource['subject']);

/** What a resource of type `name` records for a column with `map`, which names that type. */
export function recordedIn(name: string, resource: Node, map: FhirMap): readonly Recorded[] {
  if (isDropped(name, resource)) return [];
  switch (name) {
    case 'Patient': {
      const value = patientValue(resource, map);
      return value === undefined ? [] : [{ value }];
    }
    case 'Observation':
      return observation(resource, map);
    case 'Encounter':
      return encounter(resource, map);
    default:
      return coded(name, resource, map);
  }
}
