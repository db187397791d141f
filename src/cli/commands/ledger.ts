/** `kakehashi ledger`: what a holder granted, spent and has left, and on what. @module */
import { Command } from 'commander';
import { check, Refusal } from '../../base/errors.ts';
import { DIGEST_PATTERN } from '../../base/hash.ts';
import { atDesk } from '../desk.ts';
import type { Io } from '../io.ts';
import { ledgerLines } from '../ledger-view.ts';
import { dataOption, jsonOption } from '../options.ts';
import { printAnswer } from '../output.ts';

type Flags = { readonly data: string; readonly study?: string; readonly json?: boolean };

const RECOVER_HELP = `
For a data directory that came back in another way than by \`kakehashi restore\`, or whose ledger others
refuse as older than one that they saw. The holder must not be running; at its next start it recovers
before it answers anything.`;

const recoverCommand = (io: Io): Command =>
  new Command('recover')
    .description('have this holder recover at its next start')
    .addOption(dataOption(io, 'holder'))
    .addOption(jsonOption())
    .addHelpText('after', RECOVER_HELP)
    .action(async (_own: Flags, command: Command) => {
      const { data, json = false } = command.optsWithGlobals<Flags>();
      const answer = await atDesk(io, data, {
        // Answers only where a holder runs; else it is the turn of the other way.
        running: async (ask) => {
          await ask('GET', '/v1/ledger');
          throw new Refusal('DATA_DIRECTORY_BUSY', 'the holder is running');
        },
        offline: (desk) => desk.recoverNext(),
      });
      printAnswer(io, { json: answer, lines: ['it recovers at its next start'] }, json);
    });

export const ledgerCommand = (io: Io): Command =>
  new Command('ledger')
    .description("a holder's privacy budget: granted, reserved, spent, left, and what for")
    .option('--study <id>', 'one study; default: all')
    .addOption(dataOption(io, 'holder'))
    .addOption(jsonOption())
    .action(async ({ data, study, json = false }: Flags) => {
      const valid = study === undefined || DIGEST_PATTERN.test(study);
      check(valid, 'USAGE', 'a study id has 64 hexadecimal digits');
      const path = study === undefined ? '/v1/ledger' : `/v1/studies/${study}/ledger`;
      const answer = await atDesk(io, data, {
        running: (ask) => ask('GET', path),
        offline: (desk) => desk.ledger(study),
      });
      printAnswer(io, { json: answer, lines: ledgerLines(answer) }, json);
    })
    .addCommand(recoverCommand(io));
