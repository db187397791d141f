/** `kakehashi study amend`: the next version of a signed study, for stewards of every holder to sign. @module */
import { Command, Option } from 'commander';
import type { Json } from '../../base/canonical-json.ts';
import { check } from '../../base/errors.ts';
import type { SignedStudy } from '../../flows/study-terms.ts';
import { readPartlySigned } from '../../flows/study-terms.ts';
import { AMENDMENT_RULES } from '../../study/amendment-table.ts';
import { amendmentOf, narrows, successorDraft } from '../../study/amendment.ts';
import { checkRules } from '../../study/rules/evaluate.ts';
import { signedJson, verifySigned } from '../../study/signatures.ts';
import { amendedDraft, type DraftChanges } from '../amend-draft.ts';
import { changeLines } from '../amendment-view.ts';
import { type Io, readJson } from '../io.ts';
import { writeNew } from '../new-file.ts';
import { dataOption, integerOption, jsonOption, pairOption } from '../options.ts';
import { printAnswer } from '../output.ts';
import { signedStudyAt } from '../steward.ts';
import { draftOf, signedText } from '../study-file.ts';
import { tableLines } from '../table.ts';

type Flags = DraftChanges & {
  readonly data: string;
  readonly draft?: string;
  readonly rules?: boolean;
  readonly out?: string;
  readonly json?: boolean;
};

const HELP = `
Prints what changes on stderr and the next version on stdout, with every version before it. Stewards of
every holder sign it with \`study sign\`, as many of the version before and as many of the new one as
each says; \`study submit\` hands it in. What only takes away holds at a holder as soon as that holder has it
with the signatures of one holder's stewards: \`study accept\` gives it to the own one.

Other members (columns, images, ceilings, approval, title) are changed in a draft: \`--draft\`.
\`--rules\` prints what an amendment may change and what it never may.`;

const listOption = (flags: string, description: string): Option =>
  new Option(flags, description).argParser((text: string, before: string[] | undefined) => [
    ...(before ?? []),
    text,
  ]);

/** A draft that somebody edited, as the next version. */
const placed = (edited: Json, { study }: SignedStudy): Json => {
  const { format, amends } = successorDraft(study) as { readonly format: Json; amends: Json };
  return { ...(edited as object), format, amends };
};

function nextVersion(before: SignedStudy, draft: Json): SignedStudy {
  const { history = [], study, signatures } = before;
  const earlier = [...history, { study, signatures }].map((version) => signedJson(version));
  return readPartlySigned({ study: draft, signatures: [], history: earlier });
}

function printRules(io: Io, json: boolean): void {
  const rows = AMENDMENT_RULES.map(({ what, may, why }) => [what, may, why]);
  const titles = ['member', 'an amendment may', 'because'].map((title) => ({ title }));
  printAnswer(io, { json: { rules: AMENDMENT_RULES }, lines: tableLines(titles, rows) }, json);
}

export const studyAmendCommand = (io: Io): Command =>
  new Command('amend')
    .description('write the next version of a signed study')
    .argument('[study]', 'the signed study, or its id where the own holder has it')
    .addOption(pairOption('--add-analyst <name=key>', 'an analyst, or another key; repeat'))
    .addOption(listOption('--remove-analyst <name>', 'who is to ask no more; repeat'))
    .addOption(pairOption('--add-steward <holder=key>', 'a steward, or several with commas'))
    .addOption(pairOption('--remove-steward <holder=key>', 'the same, whose word ends'))
    .addOption(pairOption('--need <holder=n>', 'how many stewards of a holder must sign'))
    .addOption(pairOption('--budget <holder=rho[,delta]>', 'what may be spent there in all'))
    .addOption(listOption('--add-operation <name>', 'what may be asked as well; repeat'))
    .addOption(listOption('--remove-operation <name>', 'what may be asked no more; repeat'))
    .option('--expires <date>', 'the last day, UTC')
    .addOption(integerOption('--minimum-cell <n>', 'smaller noised values are not shown', 0))
    .option('--draft <file>', 'a draft with other changes, - for standard input')
    .addOption(dataOption(io, 'holder'))
    .option('--rules', 'print what an amendment may change')
    .option('--out <file>', 'write the version to a new file instead of stdout')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async (study: string | undefined, flags: Flags) => {
      const { json = false, out } = flags;
      if (flags.rules === true) {
        printRules(io, json);
        return;
      }
      check(study !== undefined, 'USAGE', 'which study');
      const before = await signedStudyAt(io, flags.data, study);
      verifySigned(before);
      const edited =
        flags.draft === undefined
          ? successorDraft(before.study)
          : placed(draftOf(await readJson(io, flags.draft, 'INVALID_STUDY')), before);
      const after = nextVersion(before, amendedDraft(edited, flags));
      checkRules(after.study);
      const changes = amendmentOf(after.study);
      if (!json) io.err(`${changeLines(after.study).join('\n')}\n`);
      const text = signedText(after);
      if (out === undefined) {
        io.out(json ? `${JSON.stringify(signedJson(after))}\n` : text);
        return;
      }
      await writeNew(out, text);
      const { id, agreement, version } = after.study;
      const told = { study: id, agreement, version, narrows: narrows(changes), changes };
      printAnswer(io, { json: { file: out, ...told }, lines: [out] }, json);
    });
