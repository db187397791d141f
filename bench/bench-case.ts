/** The process of one case: `bench-case.js NAME OPTIONS`, started by child.ts. @module */
import { runHere } from './run-case.ts';

const [name = '', options = '{}'] = process.argv.slice(2);
const { sizes, full } = JSON.parse(options) as { sizes: number[]; full: boolean };

try {
  await runHere(name, { sizes, full }, (outcome) => process.send?.(outcome));
} catch (error) {
  process.stderr.write(`${name}: ${error instanceof Error ? error.message : 'failed'}\n`);
  process.exitCode = 1;
}
process.disconnect();
