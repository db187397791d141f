/**
 * Public standard populations for direct standardisation, by age in bands of five years, the last one
 * of 95 years and over. Only their proportions matter.
 *
 *     esp-2013     European Standard Population 2013, per 100,000: Eurostat, "Revision of the European
 *                  Standard Population", 2013 edition (KS-RA-13-028); infants and 1 to 4 together
 *     who-2000     WHO World Standard Population 2000-2025, in 1/1000 of a per cent: Ahmad et al., "Age
 *                  standardization of rates: a new WHO standard", GPE Discussion Paper 31, 2001;
 *                  95 to 99 and 100 and over together; adds up to 100.035 % as published
 *     japan-2015   model population of 2015 (平成27年モデル人口), in thousands: Ministry of Health, Labour and
 *                  Welfare, vital statistics of Japan (mhlw.go.jp/content/12601000/000638712.pdf)
 *
 * What was compared: the tables were typed from reproductions, not from the publications themselves.
 * esp-2013 agrees in all its bands with five other reproductions (code of public health bodies),
 * who-2000 with nine below 80 years and with six of them above, of which one splits the bands above 85
 * (0.44, and 0.195 from 90). japan-2015 agrees in all twenty bands with one other (JPN_2015_STANDARD_GROUPS
 * of mortyear, a public program on mortality in Japan): its total is the published one of 125,319
 * thousand, and it lies on the two straight lines that a smoothed population is made of, from 0 to 64
 * years and from 70 to 94. test/cohort/populations.test.ts holds it to that.
 * @module
 */

export const POPULATIONS = ['esp-2013', 'who-2000', 'japan-2015'] as const;
export type Population = (typeof POPULATIONS)[number];

export const BAND_YEARS = 5;

const PEOPLE: Readonly<Record<Population, readonly number[]>> = {
  'esp-2013': [
    5000, 5500, 5500, 5500, 6000, 6000, 6500, 7000, 7000, 7000, 7000, 6500, 6000, 5500, 5000, 4000,
    2500, 1500, 800, 200,
  ],
  'who-2000': [
    8860, 8690, 8600, 8470, 8220, 7930, 7610, 7150, 6590, 6040, 5370, 4550, 3720, 2960, 2210, 1520,
    910, 440, 150, 45,
  ],
  'japan-2015': [
    5026, 5369, 5711, 6053, 6396, 6738, 7081, 7423, 7766, 8108, 8451, 8793, 9135, 9246, 7892, 6306,
    4720, 3134, 1548, 423,
  ],
};

/** First age of the last band. */
export const OLDEST_BAND = 95;

/**
 * The weights of the bands that begin at these ages, multiples of five; the last one has everybody
 * from there on. They add up to 1.
 */
export function bandWeights(population: Population, starts: readonly number[]): number[] {
  const people = PEOPLE[population];
  const sums = starts.map((start, i) =>
    people
      .slice(start / BAND_YEARS, (starts[i + 1] ?? Infinity) / BAND_YEARS)
      .reduce((sum, own) => sum + own, 0),
  );
  const total = sums.reduce((sum, own) => sum + own, 0);
  return sums.map((own) => own / total);
}
