/** The real data sets that lie beside a development checkout; a clone without them skips those parts. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..', '..', '..', 'shared', 'data');

/** The path of a file of the shared data, or undefined where it is absent. */
export function sharedData(relativePath: string): string | undefined {
  const path = resolve(ROOT, relativePath);
  return existsSync(path) ? path : undefined;
}
