/**
 * The files of records that staff named: each file as it is, of a folder those of the right kind
 * in it, and where folders are people also those one level below. In the order of their names.
 * @module
 */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { check } from '../../base/errors.ts';

export type RecordFile = {
  readonly path: string;
  /** What it is called in a refusal: never by its path, for a folder may be called like a person. */
  readonly name: string;
  /** The folder inside the one that was named. */
  readonly folder?: string;
};

type Found = Pick<RecordFile, 'path' | 'folder'>;

async function inFolder(
  folder: string,
  endings: readonly string[],
  people: boolean,
): Promise<Found[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  // By code units: the order of a directory is not the same everywhere.
  const names = entries.map(({ name }) => name).sort();
  const found: Found[] = [];
  for (const name of names) {
    const file = path.join(folder, name);
    const seen = await stat(file).catch(() => undefined);
    if (seen?.isFile() === true && endings.includes(path.extname(name).toLowerCase())) {
      found.push({ path: file });
    } else if (people && seen?.isDirectory() === true) {
      const below = await inFolder(file, endings, false);
      found.push(...below.map((inside) => ({ ...inside, folder: name })));
    }
  }
  return found;
}

/** Refuses with FILE_NOT_FOUND what is neither, and with COHORT_EMPTY a folder without such files. */
export async function recordFiles(
  paths: readonly string[],
  endings: readonly string[],
  people = false,
): Promise<RecordFile[]> {
  const files: RecordFile[] = [];
  for (const [i, named] of paths.entries()) {
    const name = `file ${i + 1}`;
    const seen = await stat(named).catch(() => undefined);
    check(seen?.isFile() === true || seen?.isDirectory() === true, 'FILE_NOT_FOUND', name);
    if (seen.isFile()) {
      files.push({ path: path.resolve(named), name });
      continue;
    }
    const found = await inFolder(path.resolve(named), endings, people);
    check(found.length > 0, 'COHORT_EMPTY', `${name}: no ${endings.join(' or ')} in the folder`);
    files.push(...found.map((file, k) => ({ ...file, name: `${name}, ${k + 1} in the folder` })));
  }
  return files;
}
