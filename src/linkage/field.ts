/**
 * What a table can tell about a person, and what a pass can compare: fields and elements.
 *
 * A field has one canonical form. An element is a field or a part of it. `birth.missingLeft` and
 * `birth.missingRight` are there where that table has no date of birth, whatever the other has: a
 * pass with one of them matches a person whose date is missing, never one whose date differs.
 * @module
 */
import { canonicalPostcode, canonicalText } from './address.ts';
import { canonicalDate } from './date.ts';
import { canonicalIdentifier, canonicalMatricule } from './identifier.ts';
import { canonicalFullName, canonicalName } from './name.ts';
import { canonicalSex } from './sex.ts';
import { soundCode } from './sound.ts';

/** `name` is a whole name in one column; family and given name are the better choice. */
export const FIELDS = [
  'family',
  'given',
  'name',
  'birth',
  'sex',
  'matricule',
  'identifier',
  'postcode',
  'place',
  'street',
  'number',
] as const;
export type Field = (typeof FIELDS)[number];

export type Side = 'left' | 'right';

/** Canonical forms; a missing or unreadable value has none. */
export type CanonicalRecord = Readonly<Partial<Record<Field, string>>>;

type Canonical = (text: string, where: string) => string | undefined;

/** No canonical name has a space, so that it separates the parts of a whole one. */
const SPACE = ' ';

const CANONICAL: Readonly<Record<Field, Canonical>> = {
  family: canonicalName,
  given: canonicalName,
  name: (text, where) => canonicalFullName(text, where).join(SPACE) || undefined,
  birth: canonicalDate,
  sex: canonicalSex,
  matricule: canonicalMatricule,
  identifier: canonicalIdentifier,
  postcode: canonicalPostcode,
  place: canonicalText,
  street: canonicalText,
  number: canonicalText,
};

/** The canonical form of one value. Refuses kanji names and My Numbers; `where` names the value. */
export const canonicalField: (field: Field, text: string, where: string) => string | undefined = (
  field,
  text,
  where,
) => CANONICAL[field](text, where);

/** Family and given name in alphabetical order, so that it does not matter which is which. */
function wholeName(record: CanonicalRecord): string | undefined {
  const { family, given, name } = record;
  if (name !== undefined) return name;
  return family === undefined || given === undefined
    ? undefined
    : [family, given].sort().join(SPACE);
}

/** Every word of the whole name by `part`, again in alphabetical order. */
const eachWord = (record: CanonicalRecord, part: (word: string) => string): string | undefined =>
  wholeName(record)?.split(SPACE).map(part).sort().join(SPACE);

type Read = (record: CanonicalRecord, side: Side) => string | undefined;

const field =
  (name: Field): Read =>
  (record) =>
    record[name];

const missingAt =
  (place: Side): Read =>
  (record, side) =>
    side !== place || record.birth === undefined ? 'missing' : undefined;

const ELEMENTS = {
  family: field('family'),
  given: field('given'),
  name: wholeName,
  birth: field('birth'),
  sex: field('sex'),
  matricule: field('matricule'),
  identifier: field('identifier'),
  postcode: field('postcode'),
  place: field('place'),
  street: field('street'),
  number: field('number'),
  'family.sound': ({ family }) => family && soundCode(family),
  'given.sound': ({ given }) => given && soundCode(given),
  'name.sound': (record) => eachWord(record, soundCode),
  'name.initials': (record) => eachWord(record, (word) => word.slice(0, 1)),
  'birth.yearMonth': ({ birth }) => birth?.slice(0, 7),
  'birth.yearDay': ({ birth }) => birth && `${birth.slice(0, 4)}--${birth.slice(8)}`,
  'birth.monthDay': ({ birth }) => birth?.slice(5),
  'birth.missingLeft': missingAt('left'),
  'birth.missingRight': missingAt('right'),
} as const satisfies Readonly<Record<string, Read>>;

export type Element = keyof typeof ELEMENTS;

export const isElement = (name: string): name is Element => Object.hasOwn(ELEMENTS, name);

/** Elements that must agree, all of them. */
export type Pass = readonly Element[];

/** What `record` has for `element`; undefined where it has nothing. */
export const elementOf = (
  record: CanonicalRecord,
  element: Element,
  side: Side,
): string | undefined => ELEMENTS[element](record, side);

/** The fields that tables must have for `element`; for a name there are two ways. */
export function fieldsOf(element: Element): readonly (readonly Field[])[] {
  const base = element.split('.')[0] as Field;
  return base === 'name' ? [['name'], ['family', 'given']] : [[base]];
}
