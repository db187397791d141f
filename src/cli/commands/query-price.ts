/** `kakehashi query price`: what queries would cost, one or several. Computed here, from public numbers only. @module */
import { Command } from 'commander';
import { check } from '../../base/errors.ts';
import { DIGEST_PATTERN } from '../../base/hash.ts';
import { amountText as amountTexts } from '../../ledger/entry.ts';
import { compileQuery } from '../../cohort/compile.ts';
import { price, priceJson } from '../../cohort/price.ts';
import { termsOf } from '../../flows/study-terms.ts';
import { withClient } from '../connect.ts';
import { type Io, readJson } from '../io.ts';
import { integerOption, jsonOption, type PrincipalFlags, principalOptions } from '../options.ts';
import { printAnswer } from '../output.ts';
import { batchLines, batchOf, type LeftAt, type PricedQuery, priceLines } from '../price-view.ts';
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
again, or one that an earlier release answers, costs nothing and is not known here. Beside the sum
stands what is left at each holder: as it last showed to the study, or, of a file, what is signed.`;

/** Where prices and what is left come from: a file of the study, or the sandbox that has it. */
type Priced = { readonly queries: readonly PricedQuery[]; readonly left: readonly LeftAt[] };

async function byFile(io: Io, files: readonly string[], flags: Flags): Promise<Priced> {
  const { study } = await readStudyFile(io, flags.study);
  const queries: PricedQuery[] = [];
  for (const file of files) {
    const query = await readJson(io, file, 'INVALID_QUERY');
    const answer = priceJson(price(compileQuery(termsOf(study), query), flags.rows));
    queries.push({ file, price: answer });
  }
  const left = [...study.budget].map(([holder, own]) => ({
    holder,
    left: amountTexts(own),
    shown: false,
  }));
  return { queries, left };
}

async function bySandbox(io: Io, files: readonly string[], flags: Flags): Promise<Priced> {
  const { sandbox, key, study } = flags;
  check(
    sandbox !== undefined && key !== undefined,
    'USAGE',
    'a study id takes --sandbox and --key',
  );
  return withClient({ ...flags, sandbox, key }, async (client) => {
    const queries: PricedQuery[] = [];
    for (const file of files) {
      const query = await readJson(io, file, 'INVALID_QUERY');
      queries.push({ file, price: await client.price(study, query, flags.rows) });
    }
    const { holders } = await client.budget(study);
    const left = holders.map(({ name, signed, left: own }) => ({
      holder: name,
      left: own ?? signed,
      shown: own !== undefined,
    }));
    return { queries, left };
  });
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
      const known = DIGEST_PATTERN.test(flags.study) ? bySandbox : byFile;
      const { queries, left } = await known(io, files, flags);
      const [only, ...others] = queries;
      const answer =
        only !== undefined && others.length === 0
          ? { json: only.price, lines: priceLines(only.price) }
          : { json: batchOf(queries, left), lines: batchLines(queries, left) };
      printAnswer(io, answer, flags.json === true);
    });
};
