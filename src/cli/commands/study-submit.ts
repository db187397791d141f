/** `kakehashi study submit`: hands a signed study to the sandbox and waits for the holders. @module */
import { Command } from 'commander';
import { verifySigned } from '../../study/signatures.ts';
import { withClient } from '../connect.ts';
import { type Io, readJson } from '../io.ts';
import { integerOption, jsonOption, type PrincipalFlags, principalOptions } from '../options.ts';
import { printAnswer } from '../output.ts';
import { proposedStudyOf } from '../study-file.ts';
import { waitForConsent } from '../wait-for-consent.ts';

type Flags = PrincipalFlags & { readonly timeout: number; readonly json?: boolean };

export const studySubmitCommand = (io: Io): Command => {
  const command = new Command('submit')
    .description('send a signed study, and wait until every holder has accepted it')
    .argument('<file>', 'a study with the signatures of every holder, - for standard input');
  for (const option of principalOptions()) command.addOption(option);
  return command
    .addOption(
      integerOption('--timeout <seconds>', 'wait this long for the holders', 0).default(60),
    )
    .addOption(jsonOption())
    .action(async (file: string, flags: Flags) => {
      const signed = proposedStudyOf(await readJson(io, file, 'INVALID_STUDY'));
      verifySigned(signed);
      const known = await withClient(flags, async (client) => {
        const id = await client.submitStudy(signed);
        return waitForConsent(client, id, flags.timeout);
      });
      const answer = { study: known.study.id, accepted: known.accepted };
      const holders = Object.keys(known.accepted).join(', ');
      const lines = [`study ${known.study.id}`, `accepted by ${holders}`];
      printAnswer(io, { json: answer, lines }, flags.json === true);
    });
};
