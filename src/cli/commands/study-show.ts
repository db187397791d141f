/** `kakehashi study show`: what a study allows and who has signed it. @module */
import { Command } from 'commander';
import { type Io, readJson } from '../io.ts';
import { jsonOption } from '../options.ts';
import { printAnswer } from '../output.ts';
import { studyOf } from '../study-file.ts';
import { studyJson, studyLines } from '../study-view.ts';

export const studyShowCommand = (io: Io): Command =>
  new Command('show')
    .description('show what a study allows, its id and its signatures')
    .argument('<file>', 'a draft or a signed study, - for standard input')
    .addOption(jsonOption())
    .action(async (file: string, { json = false }: { readonly json?: boolean }) => {
      const signed = studyOf(await readJson(io, file, 'INVALID_STUDY'));
      printAnswer(io, { json: studyJson(signed), lines: studyLines(signed) }, json);
    });
