/**
 * Synthetic cohorts of people with a tumour marker, from a seed: for the demonstration and tests.
 *
 * Nobody in it exists, everything is assumed: above a marker of 4.0 the monthly hazard is 3.5 times that below. Follow-up
 * ends after one to five years. Integers only, so that a seed gives the same bytes on every machine.
 *
 *   patient_id  `LU-MRK-0000001`, `JP-MRK-0000001`; one row a person
 *   marker      0.0 to 10.0, one decimal
 *   months      whole months to death or to the end of follow-up, 1 to 60
 *   died        1 where the end is death, 0 where follow-up ends
 * @module
 */
import { type Draw, drawnPeople, type SyntheticPeople } from './synthetic-draws.ts';

export type SyntheticBiomarker = SyntheticPeople & { readonly country: 'LU' | 'JP' };

/** Tenths. */
const TRUE_CUTPOINT = 40;
const LAST_MONTH = 60;
/** Monthly hazard in 100,000, below and above. */
const HAZARD = [1200, 4200] as const;
const SCALE = 100_000;
const WORDS = 3 + LAST_MONTH;

function person(country: string, index: number, draw: Draw): string {
  const marker = Math.floor((draw(101) + draw(101)) / 2);
  const hazard = marker > TRUE_CUTPOINT ? HAZARD[1] : HAZARD[0];
  const end = 12 + draw(LAST_MONTH - 11);
  let month = 1;
  while (month < end && draw(SCALE) >= hazard) month += 1;
  return [
    `${country}-MRK-${String(index + 1).padStart(7, '0')}`,
    `${Math.floor(marker / 10)}.${marker % 10}`,
    String(month),
    month < end ? '1' : '0',
  ].join(',');
}

/** The lines of a CSV file, each with its line end: the header, then one for each person. */
export function* syntheticBiomarker(
  options: SyntheticBiomarker,
): Generator<string, void, undefined> {
  const { country } = options;
  yield 'patient_id,marker,months,died\n';
  yield* drawnPeople(options, `kakehashi/synthetic-biomarker/1/${country}`, WORDS, (index, draw) =>
    person(country, index, draw),
  );
}
