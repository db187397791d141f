/**
 * A synthetic trial of glucose sensors whose two halves are in two countries, from a seed: for the demonstration
 * and tests. The same participants are enrolled in Luxembourg and measured by a laboratory in Japan.
 *
 * Nobody in it exists. Everything is assumed, so that there is something to see: two arms, of which the one with a
 * sensor has about 0.5 % less HbA1c after half a year and spends a tenth more of the time in range. Of the
 * participants 94 in 100 are in the file of Luxembourg and 88 in that of Japan. Integers only, so that a
 * seed gives the same bytes on every machine.
 *
 *   participant  `CGM-0000001`; one row a person, the same number in both files
 *   LU           arm meter, sensor; sex F, M; age whole years, 18 to 79
 *   JP           hba1c in %, one decimal; in_range whole % of the time
 * @module
 */
import { check } from '../base/errors.ts';
import { type Draw, drawnPeople, type SyntheticPeople } from './synthetic-draws.ts';

export type TrialSite = 'LU' | 'JP';

export type SyntheticTrial = SyntheticPeople & { readonly site: TrialSite };

const HEADER: Readonly<Record<TrialSite, string>> = {
  LU: 'participant,arm,sex,age\n',
  JP: 'participant,hba1c,in_range\n',
};
/** Of a hundred participants those in the file. */
const IN_FILE: Readonly<Record<TrialSite, number>> = { LU: 94, JP: 88 };
const WORDS = 12;

/** Tenths of a per cent of HbA1c after half a year, on the average of four draws; a sensor takes off 5. */
const LEVEL = { lowest: 58, spread: 14, sensor: 5 } as const;
const RANGE = { lowest: 40, spread: 25, sensor: 10 } as const;

type Participant = Readonly<Record<TrialSite, string>> & {
  readonly inFile: Record<TrialSite, boolean>;
};

function participant(index: number, draw: Draw): Participant {
  const sensor = draw(2) === 1;
  const sex = draw(2) === 1 ? 'M' : 'F';
  const age = 18 + Math.floor((draw(62) + draw(62)) / 2);
  const inFile = { LU: draw(100) < IN_FILE.LU, JP: draw(100) < IN_FILE.JP };
  const four = (spread: number): number => draw(spread) + draw(spread) + draw(2) + draw(2);
  const level = LEVEL.lowest + four(LEVEL.spread) - (sensor ? LEVEL.sensor : 0);
  const range = Math.min(100, RANGE.lowest + draw(RANGE.spread) + (sensor ? RANGE.sensor : 0));
  const name = `CGM-${String(index + 1).padStart(7, '0')}`;
  return {
    inFile,
    LU: `${name},${sensor ? 'sensor' : 'meter'},${sex},${age}`,
    JP: `${name},${Math.floor(level / 10)}.${level % 10},${range}`,
  };
}

/** The lines of a CSV file, each with its line end: the header, then one for each participant in it. */
export function* syntheticTrial(options: SyntheticTrial): Generator<string, void, undefined> {
  const { site } = options;
  check(site in HEADER, 'INVALID_PARAMETER', 'site of a synthetic trial');
  yield HEADER[site];
  const lines = drawnPeople(options, 'kakehashi/synthetic-trial/1', WORDS, (index, draw) => {
    const { inFile, [site]: line } = participant(index, draw);
    return inFile[site] ? line : '';
  });
  for (const line of lines) if (line.length > 1) yield line;
}
