/** The files of the project as paths from its root, and what each of them imports. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, resolve, sep } from 'node:path';
import ts from 'typescript';

export const ROOT = resolve(import.meta.dirname, '..', '..');

const SKIPPED = new Set(['node_modules', 'dist', 'coverage', '.git']);

/** Every file below `folder`, sorted, with forward slashes; installed and built things left out. */
export function filesBelow(folder: string, extensions: readonly string[]): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && extensions.some((end) => entry.name.endsWith(end)))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.split('/').some((name) => SKIPPED.has(name)))
    .sort();
}

export const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Module specifiers of every import, export-from, dynamic import and import type of a text. */
export const importsOf = (text: string): string[] =>
  ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);

/** file → specifiers, where relative ones are resolved to paths from the root. */
export type Graph = ReadonlyMap<string, readonly string[]>;

export const resolved = (file: string, specifier: string): string =>
  specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : specifier;

/** A graph of texts, so that a test can make one in memory. */
export const graphOf = (texts: Readonly<Record<string, string>>): Graph =>
  new Map(
    Object.entries(texts).map(([file, text]) => [
      file,
      importsOf(text).map((specifier) => resolved(file, specifier)),
    ]),
  );

export const sourceGraph = (folder: string): Graph =>
  graphOf(
    Object.fromEntries(
      filesBelow(folder, ['.ts', '.tsx', '.mjs']).map((file) => [file, read(file)]),
    ),
  );
