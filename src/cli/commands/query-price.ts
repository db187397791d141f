/** `kakehashi query price`: what queries would cost, one or several. Computed here, from public numbers only. @module */
import { Command } from 'commander';
import { check } from '../../base/errors.ts';
import { DIGEST_PATTERN } from '../../base/hash.ts';
import { compileQuery } from '../../cohort/compile.ts';
import { price, priceJson } from '../../cohort/price.ts';
import { termsOf } from '../../flows/study-terms.ts';
import { withClient } from '../connect.ts';
import { type Io, readJson } from '../io.ts';
import { integerOption, jsonOption, type PrincipalFlags, principalOptions } from '../options.ts';
import { printAnswer } from '../output.ts';
import { batchLines, batchOf, priceLines } from '../price-view.ts';
import { readStudyFile } from '../study-file.ts';

type Flags = Partial<PrincipalFlags> & {
  readonly study: string;
  readonly rows?: number;
  readonly json?: boolean;
};

const HELP = `
With a study file nothing is sent to anybody. With the id of a study the sandbox is asked, which
takes --sandbox and --key. Asking for a price is free. The noise of a mean, a proportion or a curve
depends on the rows of a cell: without --rows the declared size is spread evenly over the cells.
Several queries are priced together, with the sum that every holder would be charged; the same query
again, or one that an earlier release answers, costs nothing and is not known here.`;

async function priceOf(io: Io, file: string, flags: Flags) {
  const query = await readJson(io, file, 'INVALID_QUERY');
  if (!DIGEST_PATTERN.test(flags.study)) {
    const { study } = await readStudyFile(io, flags.study);
    return priceJson(price(compileQuery(termsOf(study), query), flags.rows));
  }
  const { sandbox, key } = flags;
  check(
    sandbox !== undefined && key !== undefined,
    'USAGE',
    'a study id takes --sandbox and --key',
  );
  return withClient({ ...flags, sandbox, key }, (client) =>
    client.price(flags.study, query, flags.rows),
  );
}

export const queryPriceCommand = (io: Io): Command => {
  const command = new Command('price')
    .description('what a query would cost, and how exact its answer would be')
    .argument('<files...>', 'the queries, - for standard input')
    .requiredOption('--study <file|id>', 'file of the study, or its id at the sandbox')
    .addOption(
      integerOption('--rows <n>', 'rows that you expect in a cell, for means and curves', 1),
    );
  for (const option of principalOptions()) command.addOption(option.makeOptionMandatory(false));
  return command
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async (files: readonly string[], flags: Flags) => {
      const priced: { file: string; price: Awaited<ReturnType<typeof priceOf>> }[] = [];
      for (const file of files) priced.push({ file, price: await priceOf(io, file, flags) });
      const [only, ...others] = priced;
      const answer =
        only !== undefined && others.length === 0
          ? { json: only.price, lines: priceLines(only.price) }
          : { json: batchOf(priced), lines: batchLines(priced) };
      printAnswer(io, answer, flags.json === true);
    });
};
