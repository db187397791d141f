/** `kakehashi query run`: signs a query, runs it, checks and prints the release. @module */
import { Command } from 'commander';
import { DIGEST_PATTERN } from '../../base/hash.ts';
import type { KakehashiClient } from '../../client/client.ts';
import type { Study } from '../../flows/study-terms.ts';
import { answerLines } from '../answer-view.ts';
import { withClient } from '../connect.ts';
import { type Io, readJson } from '../io.ts';
import { integerOption, jsonOption, type PrincipalFlags, principalOptions } from '../options.ts';
import { createProgress } from '../progress.ts';
import {
  printRelease,
  type ReleaseFlags,
  releaseOptions,
  releaseTarget,
} from '../release-output.ts';
import { runQuery } from '../run-query.ts';
import { readStudyFile } from '../study-file.ts';

type Flags = PrincipalFlags &
  ReleaseFlags & {
    readonly study: string;
    readonly timeout?: number;
  };

const HELP = `
Spends budget at every holder unless the same query was released before. The release is shown
only when every holder has signed it. With a study file the identity keys are those of the file;
with an id they are those of the study that has this id.`;

/** Reserving, computing, sharing, released. */
const STAGES = 4;

const studyFor = async (io: Io, client: KakehashiClient, study: string): Promise<Study> =>
  DIGEST_PATTERN.test(study)
    ? (await client.study(study)).study
    : (await readStudyFile(io, study)).study;

export const queryRunCommand = (io: Io): Command => {
  const command = new Command('run')
    .description('sign a query, run it and print its release')
    .argument('<file>', 'the query, - for standard input')
    .requiredOption('--study <file|id>', 'file of the study, or its id at the sandbox');
  for (const option of [...principalOptions(), ...releaseOptions()]) command.addOption(option);
  return command
    .addOption(integerOption('--timeout <seconds>', 'wait this long for the holders', 1))
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async (file: string, flags: Flags) => {
      const target = await releaseTarget(flags);
      const query = await readJson(io, file, 'INVALID_QUERY');
      const progress = createProgress(io, STAGES, target.format === 'json');
      await withClient(flags, async (client) => {
        const study = await studyFor(io, client, flags.study);
        const { release, timings, submitted } = await runQuery(client, study, query, {
          ...(flags.timeout === undefined ? {} : { timeoutSeconds: flags.timeout }),
          onProgress: (event) => {
            if (event.event === 'state') progress.step(event.state);
          },
        }).finally(() => progress.end());
        const lines = answerLines(release, study, submitted.released !== null);
        await printRelease(io, { json: { release, timings }, lines, release }, target);
      });
    });
};
