/** The cohorts of the demonstration as CSV files, as a registry would hand them over. @module */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Country, syntheticDiabetes } from '../cohort/synthetic-diabetes.ts';
import { DEMO_HOLDERS } from './demo-study.ts';

const COUNTRY: Readonly<Record<(typeof DEMO_HOLDERS)[number], Country>> = { lu: 'LU', jp: 'JP' };

/** Writes one file for each holder below `root`; returns their paths by holder. */
export async function writeDemoCohorts(
  root: string,
  people: number,
  seed: string,
): Promise<Map<string, readonly string[]>> {
  const directory = join(root, 'cohorts');
  await mkdir(directory, { mode: 0o700 });
  const files = new Map<string, readonly string[]>();
  for (const holder of DEMO_HOLDERS) {
    const file = join(directory, `${holder}.csv`);
    const lines = syntheticDiabetes({ country: COUNTRY[holder], people, seed });
    await pipeline(Readable.from(lines), createWriteStream(file, { mode: 0o600 }));
    files.set(holder, [file]);
  }
  return files;
}
