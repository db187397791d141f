/**
 * Runs benchmark cases: `kakehashi bench [CASE] [--sizes N,N] [--full] [--json] [--gate] [--out FILE]
 * [--profile [--contender NAME]]`.
 *
 * With --json one object a line (DESIGN section 8), else a table; progress goes to stderr. CASE is
 * a name or the front of one (`kernel`); all cases without it. --full adds the sizes that take minutes.
 * --gate fails where a case's ratio is below what it promises, beyond noise (noise.ts). --out writes
 * everything that was measured as a file for bench:publish and bench:compare. --profile measures nothing and says
 * where the time of one contender goes (profile.ts). Several cases
 * run in a process each, so that memory and compiled code are a case's own.
 * Exit codes: 0 ok, 1 a gate failed or a case did not give the right result, 2 usage.
 * @module
 */
import { realpathSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Measurement, Recorded } from '../src/sandbox/benchmarks/results.ts';
import { casesNamed } from './cases.ts';
import { runInProcess } from './child.ts';
import { parse, usage } from './options.ts';
import { resultsFile } from './result-files.ts';
import { profileText } from './profile.ts';
import { type Outcome, profileHere, runHere } from './run-case.ts';
import { report } from './table.ts';

/** What `kakehashi bench` does; resolves to the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const options = parse(argv);
  if (typeof options === 'string') return usage(options);
  const { wanted, json, gate, out } = options;
  const names = casesNamed(wanted);
  const [only = ''] = names;
  if (only === '') return usage(`no case is called ${wanted}`);
  if (options.profile) {
    if (names.length > 1) return usage('--profile takes one case');
    process.stdout.write(`${profileText(await profileHere(only, options))}\n`);
    return 0;
  }

  const rows: Measurement[] = [];
  const recorded: Recorded[] = [];
  const failures: string[] = [];
  const take = (outcome: Outcome): void => {
    rows.push(outcome.measurement);
    recorded.push(outcome.recorded);
    if (outcome.gate !== undefined) failures.push(outcome.gate);
    if (json) process.stdout.write(`${JSON.stringify(outcome.measurement)}\n`);
  };
  let failed = false;
  for (const name of names) {
    if (names.length === 1) await runHere(name, options, take);
    else if (!(await runInProcess(name, options, take))) failed = true;
  }
  if (!json) process.stdout.write(`${report(rows)}\n`);
  if (out !== undefined) writeFileSync(out, resultsFile(rows, recorded));
  for (const failure of failures) process.stderr.write(`${failure}\n`);
  return failed || (gate && failures.length > 0) ? 1 : 0;
}

const started = process.argv[1];
if (started !== undefined && import.meta.url === pathToFileURL(realpathSync(started)).href) {
  process.exitCode = await main(process.argv.slice(2));
}
