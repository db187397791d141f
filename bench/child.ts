/** A case in a process of its own, whose outcomes come back as messages. @module */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../src/cli/version.ts';
import type { Outcome } from './run-case.ts';
import type { Options } from './options.ts';

/** False where the case failed: a wrong result, or a fault on the way to one. */
export async function runInProcess(
  name: string,
  { sizes, full }: Pick<Options, 'sizes' | 'full'>,
  onOutcome: (outcome: Outcome) => void,
): Promise<boolean> {
  const argv = [name, JSON.stringify({ sizes, full })];
  const child = fork(join(packageRoot(), 'dist', 'bench-case.js'), argv);
  child.on('message', (outcome) => {
    onOutcome(outcome as Outcome);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      resolve(code === 0);
    });
  });
}
