/** `kakehashi cohort uploads`: rows that went to the sandbox for a run, and the statements of their end. @module */
import { Command } from 'commander';
import { check } from '../../base/errors.ts';
import type { ListedUploads } from '../../engine/transport/uploads-wire.ts';
import { askHolder } from '../control-client.ts';
import type { Io } from '../io.ts';
import { dataOption, jsonOption } from '../options.ts';
import { printAnswer } from '../output.ts';

type Flags = {
  readonly data: string;
  readonly study: string;
  readonly statement?: string;
  readonly json?: boolean;
};

const HELP = `
Nobody uploads by hand: a run of an image whose place is the sandbox sends the rows that its query selects, once its
price is reserved, and they are destroyed with the key when the program has run. To end it earlier stop the study.
--statement prints what the operator signed about a run that has ended, for \`kakehashi verify\`.`;

const lines = ({ uploads, statements }: ListedUploads): string[] =>
  uploads.length === 0
    ? ['Nothing was uploaded for a run of this study.']
    : uploads.map(({ run, holder, image, bytes, state }) => {
        const stated = statements.some(({ erasure }) => erasure.of.id === run);
        const end = stated ? 'key destroyed, signed by the operator' : state;
        return `run ${run.slice(0, 12)}: ${bytes} bytes (padded) of ${holder} for image ${image.slice(0, 12)}, ${end}`;
      });

export const uploadsCommand = (io: Io): Command =>
  new Command('uploads')
    .description('rows that went to the sandbox for a program that runs there')
    .requiredOption('--study <id>', 'id of the study, accepted at this holder')
    .option('--statement <run>', "print the operator's statement about this run")
    .addOption(dataOption(io, 'holder'))
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async ({ data, study, statement, json = false }: Flags) => {
      const answer = (await askHolder(
        data,
        'GET',
        `/v1/studies/${study}/uploads`,
      )) as ListedUploads;
      if (statement === undefined) {
        printAnswer(io, { json: answer, lines: lines(answer) }, json);
        return;
      }
      const found = answer.statements.find(({ erasure }) => erasure.of.id === statement);
      check(found !== undefined, 'NOT_FOUND', 'no statement about this run yet');
      printAnswer(io, { json: found, lines: [JSON.stringify(found, undefined, 2)] }, json);
    });
