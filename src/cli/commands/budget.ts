/** `kakehashi budget`: what people bore at a holder, what may still be asked, and who allows more. @module */
import { Command } from 'commander';
import { epsilonUp } from '../../dp/accountant/zcdp.ts';
import { SETTING_NAMES, SETTINGS } from '../../ledger/settings.ts';
import { askBudget, askHistory } from '../budget-answers.ts';
import { budgetLines, historyLines } from '../budget-view.ts';
import type { Io } from '../io.ts';
import { amountText } from '../number-text.ts';
import { dataOption, jsonOption } from '../options.ts';
import { printAnswer } from '../output.ts';
import { factLines } from '../table.ts';
import { budgetApproveCommand } from './budget-approve.ts';
import { budgetExportCommand } from './budget-export.ts';
import { bookGrantCommand, grantCommand } from './budget-grant.ts';

type Flags = { readonly data: string; readonly study?: string; readonly json?: boolean };

const showCommand = (io: Io): Command =>
  new Command('show')
    .description('granted, reserved, spent and left, by epoch of persons, study and analyst')
    .option('--study <id>', 'one study; default: all')
    .addOption(dataOption(io, 'holder'))
    .addOption(jsonOption())
    .action(async ({ data, study, json = false }: Flags) => {
      const answer = await askBudget(io, data, study);
      printAnswer(io, { json: answer, lines: budgetLines(answer) }, json);
    });

const historyCommand = (io: Io): Command =>
  new Command('history')
    .description(
      'every query with its price and what it would let an attacker do; grants, approvals',
    )
    .option('--study <id>', 'one study; default: all')
    .addOption(dataOption(io, 'holder'))
    .addOption(jsonOption())
    .action(async ({ data, study, json = false }: Flags) => {
      const answer = await askHistory(io, data, study);
      printAnswer(io, { json: answer, lines: historyLines(answer) }, json);
    });

const settingsCommand = (io: Io): Command =>
  new Command('settings')
    .description('the three named settings, in words and exact numbers')
    .addOption(jsonOption())
    .action(({ json = false }: { readonly json?: boolean }) => {
      const settings = SETTING_NAMES.map((name) => {
        const { amount, meaning } = SETTINGS[name];
        const [rho, delta] = [amount.rho.toString(), amount.delta.toString()];
        return { name, rho, delta, epsilon: epsilonUp(amount.rho, amount.delta), meaning };
      });
      const lines = settings.flatMap(({ name, rho, delta, epsilon, meaning }) => [
        ...factLines([
          [name, meaning],
          ['', `rho ${amountText(rho)}, epsilon ${epsilon} at delta ${delta}`],
        ]),
      ]);
      printAnswer(io, { json: { settings }, lines }, json);
    });

const HELP = `
show, history, export and settings read; grant, approve and book are for stewards. All of them work at
the holder itself, whether it runs or not, and need nothing from the sandbox. \`study stop\` stops a study.`;

export const budgetCommand = (io: Io): Command =>
  new Command('budget')
    .description("a holder's privacy budget: what was spent on whom, and who allows more")
    .addHelpText('after', HELP)
    .addCommand(showCommand(io))
    .addCommand(historyCommand(io))
    .addCommand(budgetExportCommand(io))
    .addCommand(grantCommand(io))
    .addCommand(budgetApproveCommand(io))
    .addCommand(bookGrantCommand(io))
    .addCommand(settingsCommand(io));
