/**
 * Synthetic diabetes cohorts, one for each country, from a seed: for the demonstration and tests.
 *
 * Nobody in it exists. It is drawn from tables below whose shape follows published figures, so that
 * the two countries differ as real ones do, and is good for nothing else. Integers only (the one
 * division is by a power of two or floored), so that a seed gives the same bytes on every machine;
 * person i does not depend on how many people follow.
 *
 *   patient_id      `LU-SYN-0000001`, `JP-SYN-0000001`; one row a person
 *   sex             F, M
 *   age             whole years, 18 to 100
 *   diagnosis_year  at most REFERENCE_YEAR, at an age of 15 or more
 *   hba1c_ifcc      LU: HbA1c in mmol/mol (IFCC), whole
 *   hba1c           JP: HbA1c in % (NGSP), one decimal
 *   bmi             kg/m2, one decimal
 *   insulin         yes, no; likelier the higher HbA1c
 *   complications   the leading one: none, eye, kidney, nerve, foot; likelier the longer the disease
 *
 * About one row in seven has one fault, as real files do: a missing value (empty in LU, `NA` in JP),
 * sex `U`, age 999, an unreadable HbA1c, an unlisted complication.
 *
 * Sources of the shape:
 *   HbA1c below 7 %: 53.6 % of 7,597 people in eight European countries (Stone et al., Diabetes Care
 *     36(9), 2013, GUIDANCE); 52.9 % of 9,956 in Japan (Yokoyama et al., BMJ Open Diab Res Care 4,
 *     2016, JDDM 40).
 *   BMI: Japan below 25, 25 to 30, above: 59.1, 30.9, 10.0 % (Miyazawa et al., Endocrine Journal 65(5),
 *     2018, survey of 2012). Europe, treated with insulin: 31 +- 6, age 66.8 +- 11.0, 53.9 % men.
 *   Insulin: 18.7 % in Japan in 2018 (Yokoyama et al., BMJ Open Diab Res Care 10, 2022, JDDM 66);
 *     18 %, and 9.6 years since diagnosis, in eleven European countries (EUCCLID, 2010).
 *   Sex in Japan: prevalence 10.78 % of men, 7.04 % of women aged 20 to 89 (claims database, 2019).
 *   HbA1c units: NGSP = 0.09148 IFCC + 2.152 (ngsp.org).
 * Everything else, the shares of complications and faults and the Japanese ages among it, is assumed.
 * @module
 */
import { check } from '../base/errors.ts';
import { type Draw, drawnPeople, type SyntheticPeople } from './synthetic-draws.ts';

export type Country = 'LU' | 'JP';

export type SyntheticDiabetes = SyntheticPeople & { readonly country: Country };

/** The year in which `age` is counted. */
export const REFERENCE_YEAR = 2024;

/** An inverse distribution function: so many per mille of people below each value, linear between. */
type Quantiles = { readonly perMille: readonly number[]; readonly value: readonly number[] };

type Shape = {
  readonly womenPerMille: number;
  readonly age: Quantiles;
  /** Hundredths of a % (NGSP). */
  readonly hba1c: Quantiles;
  /** Hundredths of a kg/m2. */
  readonly bmi: Quantiles;
  readonly insulinPerMille: number;
  readonly hba1cColumn: string;
  readonly missing: string;
};

const SHAPE: Readonly<Record<Country, Shape>> = {
  LU: {
    womenPerMille: 461,
    age: {
      perMille: [0, 10, 50, 250, 500, 750, 950, 1000],
      value: [18, 38, 48, 60, 67, 75, 85, 100],
    },
    hba1c: {
      perMille: [0, 50, 250, 536, 750, 900, 980, 1000],
      value: [460, 560, 630, 700, 770, 880, 1050, 1500],
    },
    bmi: {
      perMille: [0, 50, 250, 500, 750, 950, 1000],
      value: [1650, 2270, 2660, 3020, 3450, 4200, 5600],
    },
    insulinPerMille: 180,
    hba1cColumn: 'hba1c_ifcc',
    missing: '',
  },
  JP: {
    womenPerMille: 395,
    age: {
      perMille: [0, 10, 50, 250, 500, 750, 950, 1000],
      value: [18, 36, 47, 61, 70, 77, 87, 100],
    },
    hba1c: {
      perMille: [0, 50, 250, 529, 750, 900, 980, 1000],
      value: [460, 570, 640, 700, 750, 840, 1000, 1450],
    },
    bmi: {
      perMille: [0, 50, 250, 591, 900, 980, 1000],
      value: [1400, 1890, 2180, 2500, 3000, 3500, 4500],
    },
    insulinPerMille: 187,
    hba1cColumn: 'hba1c',
    missing: 'NA',
  },
};

/** Years since diagnosis, both countries. */
const DURATION: Quantiles = {
  perMille: [0, 250, 500, 750, 950, 1000],
  value: [0, 3, 8, 14, 24, 45],
};

/** Leading complication of those who have one, cumulative per mille. */
const COMPLICATION = [
  [300, 'eye'],
  [650, 'kidney'],
  [900, 'nerve'],
  [1000, 'foot'],
] as const;

/** Where in a draw of 100,000 each fault lies: at most one a row. */
const FAULTS = [
  [3_000, 'hba1c missing'],
  [8_000, 'bmi missing'],
  [9_000, 'insulin missing'],
  [13_000, 'complications missing'],
  [13_300, 'sex code'],
  [13_400, 'age code'],
  [13_700, 'hba1c text'],
  [14_000, 'complication code'],
] as const;

type Fault = (typeof FAULTS)[number][1];

/** Draws of one person. */
const WORDS = 10;

/** The value at `rank` of 100,000, rounded down. */
function at(quantiles: Quantiles, rank: number): number {
  let [low, from] = [0, 0];
  for (const [i, perMille] of quantiles.perMille.entries()) {
    const [high, to] = [perMille * 100, quantiles.value[i] ?? from];
    if (rank < high) return from + Math.floor(((to - from) * (rank - low)) / (high - low));
    [low, from] = [high, to];
  }
  return from;
}

const oneDecimal = (hundredths: number): string => {
  const tenths = Math.floor((hundredths + 5) / 10);
  return `${Math.floor(tenths / 10)}.${tenths % 10}`;
};

/** mmol/mol of hundredths of a %: (NGSP - 2.152) / 0.09148, rounded to the nearest. */
const ifcc = (hundredths: number): string =>
  String(Math.floor((2 * (hundredths * 1000 - 215_200) + 9148) / (2 * 9148)));

/** The fields of one person; every draw is taken whether or not it is used. */
function person(country: Country, index: number, draw: Draw): string {
  const shape = SHAPE[country];
  const sex = draw(1000) < shape.womenPerMille ? 'F' : 'M';
  const age = at(shape.age, draw(100_000));
  const duration = Math.min(at(DURATION, draw(100_000)), age - 15);
  const hba1cRank = draw(100_000);
  const bmi = at(shape.bmi, draw(100_000));
  // From half to one and a half times the share, with the rank of HbA1c.
  const insulin = draw(1000) * 100_000 < shape.insulinPerMille * (50_000 + hba1cRank);
  const affected = draw(100) < Math.min(20 + 3 * duration, 80);
  const kind = draw(1000);
  const leading = COMPLICATION.find(([below]) => kind < below)?.[1] ?? 'foot';
  const chance = draw(100_000);
  const fault: Fault | undefined = FAULTS.find(([below]) => chance < below)?.[1];

  const hundredths = at(shape.hba1c, hba1cRank);
  const hba1c = country === 'LU' ? ifcc(hundredths) : oneDecimal(hundredths);
  const value = (field: string, text: string): string =>
    fault === `${field} missing` ? shape.missing : text;
  return [
    `${country}-SYN-${String(index + 1).padStart(7, '0')}`,
    fault === 'sex code' ? 'U' : sex,
    fault === 'age code' ? '999' : String(age),
    String(REFERENCE_YEAR - duration),
    fault === 'hba1c text' ? 'haemolysed' : value('hba1c', hba1c),
    value('bmi', oneDecimal(bmi)),
    value('insulin', insulin ? 'yes' : 'no'),
    fault === 'complication code' ? 'other' : value('complications', affected ? leading : 'none'),
  ].join(',');
}

/**
 * The lines of a CSV file, each with its line end: the header, then one for each person. Memory is
 * bounded by one block of people, whatever their number.
 */
export function* syntheticDiabetes(options: SyntheticDiabetes): Generator<string, void, undefined> {
  const { country } = options;
  check(country in SHAPE, 'INVALID_PARAMETER', 'country of a synthetic cohort');
  const label = `kakehashi/synthetic-diabetes/1/${country}`;
  const lines = drawnPeople(options, label, WORDS, (index, draw) => person(country, index, draw));
  const { hba1cColumn } = SHAPE[country];
  yield `patient_id,sex,age,diagnosis_year,${hba1cColumn},bmi,insulin,complications\n`;
  yield* lines;
}
