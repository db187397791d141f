/** `kakehashi study stop`: a steward's holder takes no further part in a study, from now on. @module */
import { Command } from 'commander';
import { check } from '../../base/errors.ts';
import { DIGEST_PATTERN } from '../../base/hash.ts';
import { atDesk } from '../desk.ts';
import type { Io } from '../io.ts';
import { dataOption, jsonOption } from '../options.ts';
import { printAnswer } from '../output.ts';

type Flags = { readonly data: string; readonly json?: boolean };

const HELP = `
Done at the holder itself, so it holds whatever the sandbox says. It cannot be taken back: a new
study needs the signatures of every holder.`;

export const studyStopCommand = (io: Io): Command =>
  new Command('stop')
    .description('stop a study at this holder, for good')
    .argument('<study>', 'id of the study')
    .addOption(dataOption(io, 'holder'))
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async (study: string, { data, json = false }: Flags) => {
      check(DIGEST_PATTERN.test(study), 'USAGE', 'a study id has 64 hexadecimal digits');
      const answer = await atDesk(io, data, {
        running: (ask) => ask('POST', `/v1/studies/${study}/stop`),
        offline: async (desk) => desk.stop(study),
      });
      printAnswer(io, { json: answer, lines: [`study ${study} is stopped at this holder`] }, json);
    });
