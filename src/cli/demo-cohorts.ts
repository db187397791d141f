/** The cohorts of the demonstration as CSV files, as a registry would hand them over. @module */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { syntheticBiomarker } from '../cohort/synthetic-biomarker.ts';
import { type Country, syntheticDiabetes } from '../cohort/synthetic-diabetes.ts';
import { syntheticGait } from '../cohort/synthetic-gait.ts';
import { syntheticOncology } from '../cohort/synthetic-oncology.ts';
import { syntheticTrial } from '../cohort/synthetic-trial.ts';
import type { ImageCase } from './demo-images.ts';
import { DEMO_HOLDERS } from './demo-study.ts';

const COUNTRY: Readonly<Record<(typeof DEMO_HOLDERS)[number], Country>> = { lu: 'LU', jp: 'JP' };

type Lines = (country: Country) => Iterable<string>;

/** Writes one file for each holder into `directory`; returns their paths by holder. */
async function writeCohorts(
  directory: string,
  linesOf: Lines,
): Promise<Map<string, readonly string[]>> {
  await mkdir(directory, { mode: 0o700, recursive: true });
  const files = new Map<string, readonly string[]>();
  for (const holder of DEMO_HOLDERS) {
    const file = join(directory, `${holder}.csv`);
    const lines = linesOf(COUNTRY[holder]);
    await pipeline(Readable.from(lines), createWriteStream(file, { mode: 0o600 }));
    files.set(holder, [file]);
  }
  return files;
}

/** The registries of people with diabetes, below `root`. */
export const writeDiabetesCohorts = (root: string, people: number, seed: string) =>
  writeCohorts(join(root, 'cohorts', 'diabetes'), (country) =>
    syntheticDiabetes({ country, people, seed }),
  );

/** The oncology services, below `root`. */
export const writeOncologyCohorts = (root: string, people: number, seed: string) =>
  writeCohorts(join(root, 'cohorts', 'oncology'), (country) =>
    syntheticOncology({ country, people, seed }),
  );

/** What the example images read. */
export function writeImageCohorts(
  name: ImageCase,
  root: string,
  people: number,
  seed: string,
): Promise<Map<string, readonly string[]>> {
  if (name === 'calibration') return writeDiabetesCohorts(root, people, seed);
  const synthetic = name === 'biomarker' ? syntheticBiomarker : syntheticGait;
  return writeCohorts(join(root, 'cohorts', name), (country) =>
    synthetic({ country, people, seed }),
  );
}

/** The two halves of a trial. */
export const writeTrialCohorts = (directory: string, people: number, seed: string) =>
  writeCohorts(directory, (site) => syntheticTrial({ site, people, seed }));
