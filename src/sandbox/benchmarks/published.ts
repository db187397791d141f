/** The results that this version was published with: bench/results of the package. @module */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseResults, type Results } from './results.ts';

/** All runs of a folder, oldest first; none where there is no folder. */
export const publishedResults = (folder: string): Results[] =>
  !existsSync(folder)
    ? []
    : readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .map((name) => parseResults(readFileSync(join(folder, name), 'utf8')))
        .sort((a, b) => (a.date < b.date ? -1 : 1));
