/** `kakehashi audit export`: the log of a study as a file, verified before it is written. @module */
import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { check, Refusal } from '../../base/errors.ts';
import { DIGEST_PATTERN } from '../../base/hash.ts';
import { withClient } from '../connect.ts';
import type { Io } from '../io.ts';
import { jsonOption, type PrincipalFlags, principalOptions } from '../options.ts';
import { printAnswer } from '../output.ts';

type Flags = PrincipalFlags & { readonly out?: string; readonly json?: boolean };

const HELP = `
The file holds the signed study, every entry with its salt and the checkpoints that all holders
co-signed: kakehashi verify checks it without the sandbox, and holds other evidence against it. Give
it to whom the study's parties may show their log to: the salts open every entry.`;

/** Never over a file that is there: an earlier export is evidence. */
async function write(file: string, text: string): Promise<void> {
  await writeFile(file, text, { flag: 'wx', mode: 0o600 }).catch((cause: unknown) => {
    const exists = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    throw new Refusal(exists ? 'FILE_EXISTS' : 'FILE_NOT_FOUND', file, undefined, { cause });
  });
}

const exportCommand = (io: Io): Command => {
  const command = new Command('export')
    .description('the log of a study, for an audit without the sandbox')
    .argument('<study>', 'id of the study')
    .option('--out <file>', 'where to write it; default: standard output');
  for (const option of principalOptions()) command.addOption(option);
  return command
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async (study: string, flags: Flags) => {
      check(DIGEST_PATTERN.test(study), 'USAGE', 'a study id has 64 hexadecimal digits');
      const { excerpt, verified } = await withClient(flags, (client) => client.log(study));
      const text = `${JSON.stringify(excerpt)}\n`;
      if (flags.out === undefined) {
        io.out(text);
        return;
      }
      await write(flags.out, text);
      const { cosigned, types, tree } = verified;
      const lines = [`${tree.size} entries, the first ${cosigned} co-signed: ${flags.out}`];
      const json = { study, file: flags.out, size: tree.size, cosigned, types };
      printAnswer(io, { json, lines }, flags.json ?? false);
    });
};

export const auditCommand = (io: Io): Command =>
  new Command('audit')
    .description('what a study left behind, for its auditors')
    .addCommand(exportCommand(io));
