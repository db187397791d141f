/** Two tables of 200 rows, half of them shared, and the plain answers. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { psiCommand } from '../../src/cli/commands/psi.ts';
import { capturedIo } from '../support/captured-io.ts';

export const ROWS = 200;
const HALF = ROWS / 2;

/** Hundredths of the cost of person `i`, as the right table has them. */
const cost = (i: number): number => ((i * 37) % 1000) - 300;

/** Writes left.csv and right.csv; the right one has its rows in reverse, and one twice. */
export function writeTables(place: string, rows = ROWS): { left: string; right: string } {
  const [left, right] = [join(place, 'left.csv'), join(place, 'right.csv')];
  const people = Array.from({ length: rows }, (_, i) => i);
  writeFileSync(left, `id;age\n${people.map((i) => `P${i};40`).join('\n')}\n`);
  const other = people.map((i) => i + Math.floor(rows / 2)).reverse();
  const line = (i: number): string => `P${i},${(cost(i) / 100).toFixed(2)},${i % 9}`;
  writeFileSync(right, `id,cost,days\n${[...other, other[0]!].map(line).join('\n')}\n`);
  return { left, right };
}

const shared = Array.from({ length: HALF }, (_, i) => HALF + i);
export const EXPECTED = {
  matches: shared.map((i) => [i, ROWS + HALF - 1 - i]),
  cardinality: HALF,
  sums: {
    cost: shared.reduce((sum, i) => sum + cost(i), 0) / 100,
    days: shared.reduce((sum, i) => sum + (i % 9), 0),
  },
  left: { rows: ROWS, empty: 0, duplicates: 0 },
  right: { rows: ROWS + 1, empty: 0, duplicates: 1 },
};

/** Runs the command in this process, its parties as processes of `script`. */
export async function psi(
  script: string,
  files: { left: string; right: string },
  ...more: string[]
): Promise<{ out: string; err: string }> {
  const { io, written } = capturedIo();
  const argv = ['--left', files.left, '--right', files.right, '--column', 'id', ...more];
  const command = psiCommand(io, script).exitOverride();
  await command.configureOutput({ writeErr: () => {} }).parseAsync(argv, { from: 'user' });
  return written;
}
