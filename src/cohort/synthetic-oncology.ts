/**
 * Synthetic cohorts of a cancer study in two countries, from a seed: for the demonstration and tests.
 *
 * Nobody in it exists. Everything is assumed, so that there is something to see: two arms, of which
 * the newer one has seven tenths of the monthly hazard of the other, and a hazard that grows
 * with the stage. Follow-up ends after one to five years, or by leaving the study (3 per mille a
 * month). Integers only, so that a seed gives the same bytes on every machine.
 *
 *   patient_id  `LU-ONC-0000001`, `JP-ONC-0000001`; one row a person
 *   arm         standard, new
 *   stage       II, III, IV
 *   age         whole years, 35 to 89
 *   months      whole months from inclusion to death or to the end of follow-up, 1 to 60
 *   died        1 where the end is death, 0 where follow-up ends
 * @module
 */
import { check } from '../base/errors.ts';
import { type Draw, drawnPeople, type SyntheticPeople } from './synthetic-draws.ts';

export type OncologyCountry = 'LU' | 'JP';

export type SyntheticOncology = SyntheticPeople & { readonly country: OncologyCountry };

/** The longest follow-up. */
export const LAST_MONTH = 60;

/** Stages with their share (cumulative per mille) and monthly hazard in 100,000. */
const STAGES = {
  LU: [
    [350, 'II', 600],
    [700, 'III', 1600],
    [1000, 'IV', 4600],
  ],
  JP: [
    [450, 'II', 550],
    [780, 'III', 1500],
    [1000, 'IV', 4400],
  ],
} as const;

const NEW_ARM_TENTHS = 7;
const LEAVING = 300;
const SCALE = 100_000;
/** Resolution of a draw of a time. */
const RANKS = 1_000_000;
const WORDS = 7;

/** The month in which a draw of `RANKS` says that something with this monthly hazard happens. */
function monthOf(rank: number, hazard: number): number {
  let left = RANKS;
  for (let month = 1; month <= LAST_MONTH; month += 1) {
    left = Math.floor((left * (SCALE - hazard)) / SCALE);
    if (rank >= left) return month;
  }
  return LAST_MONTH + 1;
}

function person(country: OncologyCountry, index: number, draw: Draw): string {
  const stages = STAGES[country];
  const share = draw(1000);
  const [, stage, hazard] = stages.find(([below]) => share < below) ?? stages[2];
  const arm = draw(2) === 1 ? 'new' : 'standard';
  const age = 35 + Math.floor((draw(55) + draw(55)) / 2);
  const own = arm === 'new' ? Math.floor((hazard * NEW_ARM_TENTHS) / 10) : hazard;
  const death = monthOf(draw(RANKS), own);
  const leaving = monthOf(draw(RANKS), LEAVING);
  const end = 12 + draw(LAST_MONTH - 11);
  const censored = Math.min(leaving, end);
  const died = death <= censored;
  return [
    `${country}-ONC-${String(index + 1).padStart(7, '0')}`,
    arm,
    stage,
    String(age),
    String(died ? death : censored),
    died ? '1' : '0',
  ].join(',');
}

/** The lines of a CSV file, each with its line end: the header, then one for each person. */
export function* syntheticOncology(options: SyntheticOncology): Generator<string, void, undefined> {
  const { country } = options;
  check(country in STAGES, 'INVALID_PARAMETER', 'country of a synthetic cohort');
  yield 'patient_id,arm,stage,age,months,died\n';
  yield* drawnPeople(options, `kakehashi/synthetic-oncology/1/${country}`, WORDS, (index, draw) =>
    person(country, index, draw),
  );
}
