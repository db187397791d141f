/** `kakehashi study submit`: hands a signed study to the sandbox and waits for the holders. @module */
import { Command } from 'commander';
import { isNarrowing } from '../../study/narrowing.ts';
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
    .description('send a signed or amended study, and wait until every holder has accepted it')
    .argument('<file>', 'a study with the signatures of every holder, - for standard input');
  for (const option of principalOptions()) command.addOption(option);
  return command
    .addOption(
      integerOption('--timeout <seconds>', 'wait this long for the holders', 0).default(60),
    )
    .addOption(jsonOption())
    .action(async (file: string, flags: Flags) => {
      const signed = proposedStudyOf(await readJson(io, file, 'INVALID_STUDY'));
      const { id, version } = signed.study;
      if (version === 1 || !isNarrowing(signed)) verifySigned(signed);
      const { state, known } = await withClient(flags, async (client) => {
        if (version === 1) await client.submitStudy(signed);
        const state = version === 1 ? 'new' : await client.amendStudy(signed);
        // Holders obey a narrowing and say nothing about it before it is complete.
        if (state === 'narrowed') return { state, known: await client.study(id) };
        return { state, known: await waitForConsent(client, id, flags.timeout) };
      });
      const { accepted, study } = known;
      const amended = version === 1 ? {} : { version, agreement: signed.study.agreement, state };
      const answer = { study: study.id, ...amended, ...(state !== 'narrowed' && { accepted }) };
      const holders = Object.keys(accepted).join(', ');
      const lines =
        state === 'narrowed'
          ? [`study ${study.id}`, `version ${version} narrows it until everybody has signed`]
          : [`study ${study.id}`, `accepted by ${holders}`];
      printAnswer(io, { json: answer, lines }, flags.json === true);
    });
};
