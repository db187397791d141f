/** `kakehashi study draft`: a complete study to sign, from a template or a file, with keys put in. @module */
import { Command } from 'commander';
import { canonicalJson } from '../../base/canonical-json.ts';
import { demoStudy } from '../demo-study.ts';
import { fillDraft } from '../fill-draft.ts';
import { type Io, readJson } from '../io.ts';
import { writeNew } from '../new-file.ts';
import { jsonOption, pairOption } from '../options.ts';
import { printAnswer } from '../output.ts';
import { draftOf, proposedStudyOf } from '../study-file.ts';

type Pairs = ReadonlyMap<string, string>;

type Flags = {
  readonly identity?: Pairs;
  readonly steward?: Pairs;
  readonly analyst?: Pairs;
  readonly out?: string;
  readonly json?: boolean;
};

const HELP = `
Without a file it starts from the study of the demonstration: edit what it prints. With keys for
every party the draft is checked in full and its id is printed on stderr; the id is what stewards
compare before they sign.`;

export const studyDraftCommand = (io: Io): Command =>
  new Command('draft')
    .description('write a study draft, or put keys into one and check it')
    .argument('[file]', 'a draft to start from, - for standard input')
    .addOption(pairOption('--identity <holder=key>', "a holder's identity key; repeat for each"))
    .addOption(pairOption('--steward <holder=key>', "a holder's steward key; repeat for each"))
    .addOption(pairOption('--analyst <name=key>', "an analyst's key; repeat for each"))
    .option('--out <file>', 'write the draft to a new file instead of stdout')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async (file: string | undefined, flags: Flags) => {
      const given = file === undefined ? demoStudy() : await readJson(io, file, 'INVALID_STUDY');
      const draft = fillDraft(draftOf(given), {
        identities: flags.identity ?? new Map<string, string>(),
        stewards: new Map([...(flags.steward ?? [])].map(([name, key]) => [name, key.split(',')])),
        analysts: flags.analyst ?? new Map<string, string>(),
      });
      // A template without keys cannot be a study yet; one that claims to be complete must be.
      const complete = file !== undefined || canonicalJson(draft).includes('"identity":"ed25519:');
      const id = complete ? proposedStudyOf(draft).study.id : undefined;
      const text = `${JSON.stringify(draft, null, 2)}\n`;
      if (id !== undefined) io.err(`study ${id}\n`);
      if (flags.out === undefined) {
        // The draft is an object either way; --json asks for it on one line.
        if (flags.json === true) printAnswer(io, { json: draft as object, lines: [] }, true);
        else io.out(text);
        return;
      }
      await writeNew(flags.out, text);
      const answer = { file: flags.out, study: id ?? null };
      printAnswer(io, { json: answer, lines: [flags.out] }, flags.json === true);
    });
