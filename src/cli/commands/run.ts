/** `kakehashi run`: one query over files on this machine, through real processes, in one command. @module */
import { access, constants } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Json } from '../../base/canonical-json.ts';
import { check, Refusal } from '../../base/errors.ts';
import { compileQuery } from '../../cohort/compile.ts';
import { termsOf } from '../../flows/study-terms.ts';
import { checkLive } from '../../study/terms.ts';
import { answerLines } from '../answer-view.ts';
import { holderNames } from '../fill-draft.ts';
import { readImageFile } from '../image-file.ts';
import { type Io, readJson } from '../io.ts';
import { integerOption, jsonOption, pairOption } from '../options.ts';
import { createProgress } from '../progress.ts';
import {
  printRelease,
  type ReleaseFlags,
  releaseOptions,
  releaseTarget,
} from '../release-output.ts';
import { runQuery } from '../run-query.ts';
import { draftOf } from '../study-file.ts';
import { withCluster } from '../with-cluster.ts';

type Flags = ReleaseFlags & {
  readonly study: string;
  readonly query: string;
  readonly holder: ReadonlyMap<string, string>;
  readonly data?: string;
  readonly keep?: boolean;
  readonly timeout?: number;
  readonly image?: readonly string[];
  readonly inSandbox?: boolean;
};

const HELP = `
Starts a sandbox and one process for each holder, makes keys for every party, has the stewards
sign, loads the files, runs the query and stops. The draft needs no keys: they are put in.
Institutions each do their own part instead: see keygen, study, sandbox, holder, cohort, query.`;

/** Four steps of the cluster, then reserving, computing, sharing, released. */
const STEPS = 8;

/** Every holder of the draft has files, nobody else has, and they can be read. */
async function filesOf(draft: Json, given: ReadonlyMap<string, string>) {
  const names = holderNames(draft);
  const missing = names.filter((name) => !given.has(name));
  const unknown = [...given.keys()].filter((name) => !names.includes(name));
  check(
    missing.length === 0,
    'USAGE',
    `the study has holders without files: ${missing.join(', ')}`,
  );
  check(unknown.length === 0, 'USAGE', `the study has no holder ${unknown.join(', ')}`);
  const files = new Map(
    [...given].map(([name, text]) => [name, text.split(',').map((f) => resolve(f))]),
  );
  for (const file of [...files.values()].flat()) {
    await access(file, constants.R_OK).catch((cause: unknown) => {
      throw new Refusal('FILE_NOT_FOUND', file, undefined, { cause });
    });
  }
  return files;
}

export const runCommand = (io: Io): Command => {
  const command = new Command('run')
    .description("run one query over holders' files on this machine, in one command")
    .requiredOption('--study <file>', 'study draft; its keys are replaced')
    .requiredOption('--query <file>', 'query')
    .addOption(
      pairOption(
        '--holder <name=file,...>',
        "a holder's files (CSV, Parquet, Arrow); repeat for each",
      ).makeOptionMandatory(),
    )
    .option('--image <file...>', "programs of the study, in place of the draft's")
    .option('--in-sandbox', 'programs run in the sandbox, over rows that the holders upload')
    .option('--data <dir>', 'put data directories and logs into this new directory and keep them')
    .option('--keep', 'keep the temporary directories, too')
    .addOption(integerOption('--timeout <seconds>', 'wait this long for the release', 1));
  for (const option of releaseOptions()) command.addOption(option);
  return command
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async ({ data, keep, timeout, image = [], inSandbox = false, ...flags }: Flags) => {
      const target = await releaseTarget(flags);
      check(flags.study !== '-' || flags.query !== '-', 'USAGE', 'standard input is read once');
      const draft = draftOf(await readJson(io, flags.study, 'INVALID_STUDY'));
      const query = await readJson(io, flags.query, 'INVALID_QUERY');
      const files = await filesOf(draft, flags.holder);
      const images = await Promise.all(
        image.map(async (file) => ({ ...(await readImageFile(io, file)), inSandbox })),
      );
      const progress = createProgress(io, STEPS, target.format === 'json');
      const answer = await withCluster(
        io,
        { data, keep },
        {
          draft,
          images,
          files: () => Promise.resolve(files),
          step: (name) => progress.step(name),
          accept: (study) => {
            checkLive(study, new Date());
            compileQuery(termsOf(study), query);
          },
        },
        async ({ client, study, signal }) => {
          const { release, timings } = await runQuery(client, study, query, {
            signal,
            ...(timeout === undefined ? {} : { timeoutSeconds: timeout }),
            onProgress: (event) => {
              if (event.event === 'state') progress.step(event.state);
            },
          });
          return { json: { release, timings }, lines: answerLines(release, study), release };
        },
      ).finally(() => progress.end());
      await printRelease(io, answer, target);
    });
};
