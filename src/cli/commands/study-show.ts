/** `kakehashi study show`: what a study allows and who has signed it. @module */
import { Command, Option } from 'commander';
import { type Language, LANGUAGES } from '../../cohort/column-shape.ts';
import { type Io, readJson } from '../io.ts';
import { jsonOption } from '../options.ts';
import { printAnswer } from '../output.ts';
import { proposedStudyOf } from '../study-file.ts';
import { studyJson, studyLines } from '../study-view.ts';

type Flags = { readonly lang: Language; readonly json?: boolean };

export const studyShowCommand = (io: Io): Command =>
  new Command('show')
    .description('show what a study allows, its id and its signatures')
    .argument('<file>', 'a draft or a signed study, - for standard input')
    .addOption(
      new Option('--lang <language>', 'in which columns and values are called')
        .choices(LANGUAGES)
        .default('en'),
    )
    .addOption(jsonOption())
    .action(async (file: string, { lang, json = false }: Flags) => {
      const signed = proposedStudyOf(await readJson(io, file, 'INVALID_STUDY'));
      printAnswer(io, { json: studyJson(signed), lines: studyLines(signed, lang) }, json);
    });
