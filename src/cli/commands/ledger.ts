/** `kakehashi ledger`: what a holder granted, spent and has left, and on what. @module */
import { Command } from 'commander';
import { check } from '../../base/errors.ts';
import { DIGEST_PATTERN } from '../../base/hash.ts';
import { atDesk } from '../desk.ts';
import type { Io } from '../io.ts';
import { ledgerLines } from '../ledger-view.ts';
import { dataOption, jsonOption } from '../options.ts';
import { printAnswer } from '../output.ts';

type Flags = { readonly data: string; readonly study?: string; readonly json?: boolean };

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
    });
