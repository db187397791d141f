/** `kakehashi study sign`: adds a steward's signature. @module */
import { Command } from 'commander';
import { check } from '../../base/errors.ts';
import { loadKey } from '../../engine/keys.ts';
import { READS_ROWS } from '../../study/image-clause.ts';
import { approvals, signedJson, signStudy } from '../../study/signatures.ts';
import { type Io, readJson } from '../io.ts';
import { jsonOption, passphraseOption } from '../options.ts';
import { printAnswer } from '../output.ts';
import { stewardOf } from '../steward.ts';
import { proposedStudyOf, signedText } from '../study-file.ts';
import { studyLines } from '../study-view.ts';
import { writeNew } from '../new-file.ts';

type Flags = {
  readonly key: string;
  readonly passphraseFile?: string;
  readonly expect?: string;
  readonly out?: string;
  readonly operatorReadsRows?: boolean;
  readonly json?: boolean;
};

const HELP = `
Prints the study in words on stderr and the signed form on stdout, or into --out. The next steward signs that;
or each signs a copy, and \`kakehashi study merge\` makes one file of them.
Compare the id, or the digest of an amended version, with the other parties first, or give it with --expect. A study in which a program runs in the
sandbox is signed only with --operator-reads-rows: its operator could then read the rows of every holder.`;

export const studySignCommand = (io: Io): Command =>
  new Command('sign')
    .description('sign a study as a steward of a holder')
    .argument('<file>', 'a draft, or a study that others have signed, - for standard input')
    .requiredOption('--key <file>', 'signing key of the steward')
    .addOption(passphraseOption())
    .option('--expect <id>', 'sign only if the study has this id')
    .option(
      '--operator-reads-rows',
      'agree that the operator of the sandbox could read the rows that are uploaded to it',
    )
    .option('--out <file>', 'write the signed study to a new file instead of stdout')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async (file: string, flags: Flags) => {
      const before = proposedStudyOf(await readJson(io, file, 'INVALID_STUDY'));
      const { study } = before;
      const { agreement } = study;
      const expected = flags.expect === undefined || flags.expect === agreement;
      check(expected, 'PROOF_REJECTED', `not the study of --expect: this one is ${agreement}`);
      const told = study.images.some(({ place }) => place === 'sandbox');
      const agreed = flags.operatorReadsRows === true;
      check(
        agreed || !told,
        'USAGE',
        `read the study and give --operator-reads-rows: ${READS_ROWS}`,
      );
      const key = await loadKey(flags.key, flags.passphraseFile);
      approvals(before); // somebody else's wrong signature is not passed on
      const own = signStudy(study, stewardOf(study, key.publicText), key);
      const others = before.signatures.filter((signature) => signature.key !== own.key);
      const signed = { ...before, signatures: [...others, own] };
      if (flags.json !== true) io.err(`${studyLines(signed).join('\n')}\n`);
      const text = signedText(signed);
      if (flags.out === undefined) {
        if (flags.json === true) io.out(`${JSON.stringify(signedJson(signed))}\n`);
        else io.out(text);
        return;
      }
      await writeNew(flags.out, text);
      const version = study.version > 1 ? { agreement } : {};
      const answer = { file: flags.out, study: study.id, ...version, holder: own.holder };
      printAnswer(io, { json: answer, lines: [flags.out] }, flags.json === true);
    });
