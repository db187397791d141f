/** `kakehashi demo`: studies, real processes, answers (demo-shows.ts). @module */
import { Command, Option } from 'commander';
import { compileQuery } from '../../cohort/compile.ts';
import { termsOf } from '../../flows/study-terms.ts';
import { CASES, type DemoCase, showOf } from '../demo-shows.ts';
import { stayLines } from '../demo-stay.ts';
import type { Io } from '../io.ts';
import { integerOption, jsonOption } from '../options.ts';
import { printAnswer } from '../output.ts';
import { createProgress } from '../progress.ts';
import { withCluster } from '../with-cluster.ts';

type Flags = {
  readonly people?: number;
  readonly seed: string;
  readonly stay?: boolean;
  readonly case?: DemoCase;
  readonly json?: boolean;
};

const HELP = `
Starts a sandbox, a holder in Luxembourg and one in Japan on loopback, gives each a synthetic
diabetes cohort, lets a steward of each sign a study, asks one query that is answered and one
that the budget does not cover. Then the same parties sign a study of survival by treatment arm,
which is answered with a curve. HbA1c is in mmol/mol in Luxembourg and in % in Japan.

With --case trial: a trial of glucose sensors, whose arms are known in Luxembourg and whose laboratory
values in Japan; mean HbA1c by arm of the people in both, and nobody learns who they are.

With --case calibration, biomarker or gait: a signed program over both cohorts (see image --help), which
calibrates a risk score, looks for the cut-point of a marker, or takes features of series of each person.`;

export const demoCommand = (io: Io): Command =>
  new Command('demo')
    .description('show it all on this machine, with synthetic cohorts')
    .addOption(
      integerOption('--people <n>', 'people with diabetes at each holder, or in the trial', 1),
    )
    .option('--seed <text>', 'other people', 'demo')
    .addOption(new Option('--case <name>', 'another demonstration').choices([...CASES]))
    .option('--stay', 'leave everything running and print how to get in; Ctrl-C ends it')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async ({ people, seed, stay = false, json = false, case: name }: Flags) => {
      const show = await showOf(name, { people, seed });
      const progress = createProgress(io, show.steps, json);
      const step = (text: string): void => progress.step(text);
      const { draft, files, query, images } = show;
      await withCluster(
        io,
        {},
        { draft, files, step, images, accept: (study) => void compileQuery(termsOf(study), query) },
        async (cluster, staying) => {
          const answer = await show.run(cluster, step);
          progress.end();
          printAnswer(io, answer, json);
          if (!stay) return;
          const how = await stayLines(cluster, query);
          (json ? io.err : io.out)(`${how.join('\n')}\n`);
          await staying();
        },
      ).finally(() => progress.end());
    });
