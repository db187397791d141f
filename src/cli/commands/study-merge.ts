/** `kakehashi study merge`: the signatures of copies that stewards signed apart, in one file. @module */
import { Command } from 'commander';
import { approvals, mergeSigned } from '../../study/signatures.ts';
import { type Io, readJson } from '../io.ts';
import { writeNew } from '../new-file.ts';
import { jsonOption } from '../options.ts';
import { printAnswer } from '../output.ts';
import { proposedStudyOf, signedText } from '../study-file.ts';

type Flags = { readonly out: string; readonly json?: boolean };

export const studyMergeCommand = (io: Io): Command =>
  new Command('merge')
    .description('put the signatures of copies that stewards signed apart into one file')
    .argument('<files...>', 'copies of one study, or of one version of it')
    .requiredOption('--out <file>', 'write the signed study to this new file')
    .addOption(jsonOption())
    .action(async (files: string[], flags: Flags) => {
      const copies = [];
      for (const file of files)
        copies.push(proposedStudyOf(await readJson(io, file, 'INVALID_STUDY')));
      const [first, ...others] = copies;
      if (first === undefined) return; // an argument that is required
      const signed = mergeSigned(first, others);
      const given = approvals(signed); // a wrong signature is not passed on
      await writeNew(flags.out, signedText(signed));
      const { agreement, id, version } = signed.study;
      const answer = {
        file: flags.out,
        study: id,
        ...(version > 1 && { agreement }),
        approvals: given,
      };
      const missing = given.filter((one) => one.given < one.need);
      const lines = missing.map(
        (one) => `still missing: ${one.holder}, ${one.given} of ${one.need} signatures`,
      );
      printAnswer(io, { json: answer, lines: [flags.out, ...lines] }, flags.json === true);
    });
