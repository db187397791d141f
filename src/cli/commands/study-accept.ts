/** `kakehashi study accept`: gives a version of a study to the own holder, whatever the sandbox says. @module */
import { Command } from 'commander';
import { signedJson } from '../../study/signatures.ts';
import { atDesk } from '../desk.ts';
import { type Io, readJson } from '../io.ts';
import { dataOption, jsonOption } from '../options.ts';
import { printAnswer } from '../output.ts';
import { proposedStudyOf } from '../study-file.ts';

type Flags = { readonly data: string; readonly json?: boolean };

const HELP = `
A version that every holder's stewards signed is in force at this holder from now on. One that only takes
away needs the signatures of this holder's stewards, and binds this holder from now on; the others hear of it
with \`study submit\`.`;

const WORDS = {
  accepted: 'is in force at this holder',
  narrowed: 'narrows the study at this holder until everybody has signed it',
} as const;

export const studyAcceptCommand = (io: Io): Command =>
  new Command('accept')
    .description('give a version of a study to the own holder')
    .argument('<file>', 'a signed study, - for standard input')
    .addOption(dataOption(io, 'holder'))
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async (file: string, { data, json = false }: Flags) => {
      const signed = proposedStudyOf(await readJson(io, file, 'INVALID_STUDY'));
      const body = signedJson(signed);
      const answer = await atDesk(io, data, {
        running: (ask) => ask('POST', '/v1/studies', body as object),
        offline: (desk) => desk.takeStudy(body),
      });
      const { taken } = answer as { readonly taken: keyof typeof WORDS };
      const lines = [`version ${signed.study.version} of study ${signed.study.id} ${WORDS[taken]}`];
      printAnswer(io, { json: answer, lines }, json);
    });
