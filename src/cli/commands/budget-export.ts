/** `kakehashi budget export`: the queries of a holder for a table program, or a report to read. @module */
import { Command, Option } from 'commander';
import { check } from '../../base/errors.ts';
import { askBudget, askHistory } from '../budget-answers.ts';
import { budgetColumns } from '../budget-columns.ts';
import { reportText } from '../budget-report.ts';
import type { Io } from '../io.ts';
import { dataOption, jsonOption } from '../options.ts';
import { printAnswer } from '../output.ts';
import { releaseCsv } from '../release-csv.ts';
import { writeNew } from '../new-file.ts';

const FORMATS = ['report', 'csv', 'arrow'] as const;

type Flags = {
  readonly data: string;
  readonly study?: string;
  readonly format: (typeof FORMATS)[number];
  readonly out?: string;
  readonly json?: boolean;
};

const HELP = `
csv and arrow have one row for each query; the report is Markdown for the data protection officer: what
people bear, what each query cost and bought, who approved what, who withdrew (how many), what was deleted.`;

async function contentOf(io: Io, { data, study, format }: Flags): Promise<string | Uint8Array> {
  const history = await askHistory(io, data, study);
  if (format === 'csv') return releaseCsv(budgetColumns(history));
  if (format === 'arrow') {
    // Loaded here: most commands need no Arrow.
    const { columnsArrow } = await import('../release-arrow.ts');
    const metadata = new Map([['kakehashi.format', 'kakehashi/budget-arrow/1']]);
    return columnsArrow(budgetColumns(history), metadata);
  }
  return reportText(await askBudget(io, data, study), history, new Date());
}

export const budgetExportCommand = (io: Io): Command =>
  new Command('export')
    .description('the queries of this holder as CSV or Arrow, or a report to read')
    .addOption(
      new Option('--format <name>', 'what is written').choices([...FORMATS]).default('report'),
    )
    .option('--study <id>', 'one study; default: all')
    .option('--out <file>', 'write it to a new file instead of stdout')
    .addOption(dataOption(io, 'holder'))
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async (flags: Flags) => {
      const { format, out, json = false } = flags;
      check(format !== 'arrow' || out !== undefined, 'USAGE', '--format arrow needs --out');
      const content = await contentOf(io, flags);
      if (out === undefined) {
        if (typeof content === 'string') io.out(content);
        return;
      }
      await writeNew(out, content);
      printAnswer(io, { json: { file: out, format }, lines: [out] }, json);
    });
