/**
 * Peers that are installed on demand (`npm run bench:peers`): a case that has one compares with it, and says in
 * one line when it is absent.
 * @module
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { packageRoot } from '../src/cli/version.ts';

const require = createRequire(join(packageRoot(), 'bench', 'peers', 'package.json'));

/** The package, or undefined where it is not installed. */
export function peer(name: string): unknown {
  try {
    return require(name) as unknown;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    process.stderr.write(`${name} is not installed (npm run bench:peers): not compared\n`);
    return undefined;
  }
}
