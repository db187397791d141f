/**
 * The passes of a linkage that names none, strongest first.
 *
 * The passes were chosen by what each found on FEBRL data set 1 and by what it would find by chance
 * in a large table; to these come a wrong year, which is what a mistake with an era makes of a date,
 * and a wrong day. Data set 3 was measured beside it; it and the synthetic sets had a say in the
 * limits of the chance test alone (cascade.ts), which passes that need little agreement have to
 * stand: `doubtful`. A pass is used where both tables have its fields, at most MOST of them.
 *
 * `identifier` is in none: only who writes the specification knows whether two registers number
 * people alike.
 * @module
 */
import { type Element, type Field, fieldsOf, type Pass } from './field.ts';

export type DefaultPass = { readonly pass: Pass; readonly doubtful: boolean };

/** How many passes a default linkage has at most. */
const MOST = 10;

const sure = (...pass: Element[]): DefaultPass => ({ pass, doubtful: false });
const doubtful = (...pass: Element[]): DefaultPass => ({ pass, doubtful: true });

const CANDIDATES: readonly DefaultPass[] = [
  sure('matricule'),
  sure('name', 'birth'),
  sure('name.sound', 'birth'),
  doubtful('birth', 'postcode'),
  sure('family', 'birth'),
  sure('given', 'birth'),
  doubtful('birth', 'place'),
  doubtful('name', 'postcode'),
  doubtful('name', 'place'),
  doubtful('name.initials', 'birth'),
  sure('name', 'birth.monthDay'),
  sure('name', 'birth.yearMonth'),
  doubtful('name.sound', 'birth.monthDay'),
  doubtful('name', 'birth.missingRight'),
  doubtful('name', 'birth.missingLeft'),
];

/** Does a table with `fields` have `element`? */
const has = (fields: ReadonlySet<Field>, element: Element): boolean =>
  fieldsOf(element).some((way) => way.every((field) => fields.has(field)));

/** Can tables with these fields be compared in `pass`? */
export const isServed = (pass: Pass, ...tables: readonly ReadonlySet<Field>[]): boolean =>
  tables.every((fields) => pass.every((element) => has(fields, element)));

export const defaultPasses = (...tables: readonly ReadonlySet<Field>[]): readonly DefaultPass[] =>
  CANDIDATES.filter(({ pass }) => isServed(pass, ...tables)).slice(0, MOST);
