/**
 * Synthetic walking of people with Parkinson's disease, from a seed: for the demonstration and tests.
 *
 * Nobody in it exists, everything is assumed: a stride takes about 1.1 s and gets 20 ms longer a year on the
 * average, with noise from day to day. Integers only, so that a seed gives the same bytes on every machine.
 *
 *   patient_id  `LU-GAIT-0000001`, `JP-GAIT-0000001`; 4 to DAYS rows a person
 *   day         a date in 2022 to 2024
 *   stride      stride time in whole ms
 * @module
 */
import { dayText } from '../base/calendar.ts';
import { type Draw, drawnPeople, type SyntheticPeople } from './synthetic-draws.ts';

export type SyntheticGait = SyntheticPeople & { readonly country: 'LU' | 'JP' };

/** Days of one person at most. */
export const GAIT_DAYS = 10;
/** 2022-01-01. */
const FIRST_DAY = 18_993;
const SPAN = 1000;
const WORDS = 3 + 3 * GAIT_DAYS;

function person(country: string, index: number, draw: Draw): string {
  const own = 950 + draw(301);
  const change = draw(81) - 20;
  const days = 4 + draw(GAIT_DAYS - 3);
  return Array.from({ length: days }, () => {
    const day = draw(SPAN);
    const noise = draw(41) + draw(41) - 40;
    const stride = own + Math.floor((change * day) / 365) + noise;
    return [
      `${country}-GAIT-${String(index + 1).padStart(7, '0')}`,
      dayText(FIRST_DAY + day),
      String(stride),
    ].join(',');
  }).join('\n');
}

/** The lines of a CSV file, each with its line end: the header, then those of each person. */
export function* syntheticGait(options: SyntheticGait): Generator<string, void, undefined> {
  const { country } = options;
  yield 'patient_id,day,stride\n';
  yield* drawnPeople(options, `kakehashi/synthetic-gait/1/${country}`, WORDS, (index, draw) =>
    person(country, index, draw),
  );
}
