/** `kakehashi demo`: two studies, three processes, two answers and one refusal. @module */
import { Command } from 'commander';
import { compileQuery } from '../../cohort/compile.ts';
import { termsOf } from '../../flows/study-terms.ts';
import { runDemo } from '../demo.ts';
import { writeDiabetesCohorts, writeOncologyCohorts } from '../demo-cohorts.ts';
import { ONCOLOGY_PEOPLE, oncologyStudy } from '../demo-oncology.ts';
import { DEMO_PEOPLE, DEMO_QUERY, demoStudy } from '../demo-study.ts';
import { stayLines } from '../demo-stay.ts';
import type { Io } from '../io.ts';
import { addStudy } from '../local-cluster.ts';
import { integerOption, jsonOption } from '../options.ts';
import { printAnswer } from '../output.ts';
import { createProgress } from '../progress.ts';
import { withCluster } from '../with-cluster.ts';

type Flags = {
  readonly people: number;
  readonly seed: string;
  readonly stay?: boolean;
  readonly json?: boolean;
};

const HELP = `
Starts a sandbox, a holder in Luxembourg and one in Japan on loopback, gives each a synthetic
diabetes cohort, lets a steward of each sign a study, asks one query that is answered and one
that the budget does not cover. Then the same parties sign a study of survival by treatment arm,
which is answered with a curve. HbA1c is in mmol/mol in Luxembourg and in % in Japan.`;

/** Six steps of the studies, two queries of four states, one refusal. */
const STEPS = 15;

export const demoCommand = (io: Io): Command =>
  new Command('demo')
    .description('show it all on this machine, with synthetic cohorts')
    .addOption(
      integerOption('--people <n>', 'people with diabetes at each holder', 1).default(DEMO_PEOPLE),
    )
    .option('--seed <text>', 'other people', 'demo')
    .option('--stay', 'leave everything running and print how to get in; Ctrl-C ends it')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async ({ people, seed, stay = false, json = false }: Flags) => {
      const progress = createProgress(io, STEPS, json);
      const step = (name: string): void => progress.step(name);
      await withCluster(
        io,
        {},
        {
          draft: demoStudy(new Date(), people),
          files: (root) => writeDiabetesCohorts(root, people, seed),
          step,
          accept: (study) => void compileQuery(termsOf(study), DEMO_QUERY),
        },
        async (cluster, staying) => {
          const oncology = () =>
            addStudy(cluster, {
              draft: oncologyStudy(),
              files: () => writeOncologyCohorts(cluster.root, ONCOLOGY_PEOPLE, seed),
              step,
            });
          const answer = await runDemo({ diabetes: cluster, oncology }, step);
          progress.end();
          printAnswer(io, answer, json);
          if (!stay) return;
          const how = await stayLines(cluster);
          (json ? io.err : io.out)(`${how.join('\n')}\n`);
          await staying();
        },
      ).finally(() => progress.end());
    });
