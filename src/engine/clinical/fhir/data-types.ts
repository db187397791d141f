/**
 * Data types of FHIR R4 (hl7.org/fhir/R4/datatypes.html) as texts of fields.
 *
 * A day is the calendar day that was written down, whatever its time zone: the day on which it was
 * for the person and the clinic. A date of less precision than a day is no day. A number is read as
 * a double and written in the fewest digits that read back as it, so up to 15 digits are exact.
 * @module
 */
import { dayOf } from '../../../base/calendar.ts';
import { type Node, nodeAt, nodesAt, scalarAt, textAt } from '../json-node.ts';

export type Quantity = { readonly value: string; readonly unit?: string };

const UCUM = 'http://unitsofmeasure.org';
/** `date`, `dateTime` and `instant`, as far as they name a day. */
const DAY = /^(\d{4}-\d{2}-\d{2})(?:T.*)?$/;

export function dayIn(value: unknown): string | undefined {
  const day = DAY.exec(textAt(value) ?? '')?.[1];
  return day !== undefined && dayOf(day) !== undefined ? day : undefined;
}

/** The day of `<name>DateTime`, `<name>Instant` or of the start, else the end, of `<name>Period`. */
export function dayOfElement(resource: Node, name: string): string | undefined {
  const period = nodeAt(resource[`${name}Period`]);
  return (
    dayIn(resource[`${name}DateTime`]) ??
    dayIn(resource[`${name}Instant`]) ??
    dayIn(period?.['start']) ??
    dayIn(period?.['end'])
  );
}

/**
 * The id of the patient that a literal reference names (R4, 2.3.0.1): `Patient/ID`, the same below
 * a server's address or with a version behind it, and `urn:uuid:ID`.
 */
export function patientIn(reference: unknown): string | undefined {
  const text = textAt(nodeAt(reference)?.['reference']) ?? '';
  const match =
    /^urn:uuid:([^\s/|#]+)$/.exec(text) ??
    /^(?:.*\/)?Patient\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/.exec(text);
  return match?.[1];
}

/** `system|code` and `code` of every coding of a concept, in its order. */
export const codesOf = (concept: unknown): readonly Coded[] =>
  nodesAt(nodeAt(concept)?.['coding']).flatMap(codedIn);

export type Coded = { readonly token: string; readonly code: string };

export function codedIn(coding: unknown): Coded[] {
  const node = nodeAt(coding);
  const code = textAt(node?.['code']);
  return code === undefined ? [] : [{ token: `${textAt(node?.['system']) ?? ''}|${code}`, code }];
}

/** A number with its comparator (`<5` is not 5, so it must not read as a number) and its unit. */
export function quantityIn(value: unknown): Quantity | undefined {
  const node = nodeAt(value);
  const number = scalarAt(node?.['value']);
  if (node === undefined || number === undefined) return undefined;
  const code = textAt(node['code']);
  const unit = node['system'] === UCUM ? code : (textAt(node['unit']) ?? code);
  return {
    value: `${textAt(node['comparator']) ?? ''}${number}`,
    ...(unit !== undefined && { unit }),
  };
}
