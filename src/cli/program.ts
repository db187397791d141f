/**
 * The command line as a function: arguments in, exit code out. `main.ts` is the process.
 * @module
 */
import { Command, CommanderError } from 'commander';
import { asRefusal, Refusal } from '../base/errors.ts';
import { auditCommand } from './commands/audit.ts';
import { backupCommand } from './commands/backup.ts';
import { benchCommand } from './commands/bench.ts';
import { budgetCommand } from './commands/budget.ts';
import { cohortCommand } from './commands/cohort.ts';
import { columnsCommand } from './commands/columns.ts';
import { doctorCommand } from './commands/doctor.ts';
import { demoCommand } from './commands/demo.ts';
import { imageCommand } from './commands/image.ts';
import { holderCommand } from './commands/holder.ts';
import { keygenCommand } from './commands/keygen.ts';
import { ledgerCommand } from './commands/ledger.ts';
import { linkCommand } from './commands/link.ts';
import { psiCommand } from './commands/psi.ts';
import { queryCommand } from './commands/query.ts';
import { restoreCommand } from './commands/restore.ts';
import { runCommand } from './commands/run.ts';
import { sandboxCommand } from './commands/sandbox.ts';
import { studyCommand } from './commands/study.ts';
import { verifyCommand } from './commands/verify.ts';
import { EXIT, ExitWith, exitCodeOf } from './exit.ts';
import type { Io } from './io.ts';
import { printRefusal } from './output.ts';
import { version } from './version.ts';

const EXIT_CODES = `
Exit codes: 0 ok, 1 failure, 2 usage or input, 3 budget refused, 4 approval pending,
5 verification failed, 6 a holder is not reachable, 7 stopped.`;

export function program(io: Io): Command {
  const root = new Command('kakehashi')
    .description('Joint health-cohort queries between institutions that share no row.')
    .version(version())
    .addHelpText('after', EXIT_CODES)
    .showHelpAfterError('(--help shows how to call it)');
  const commands = [
    demoCommand,
    runCommand,
    keygenCommand,
    studyCommand,
    sandboxCommand,
    holderCommand,
    cohortCommand,
    columnsCommand,
    imageCommand,
    queryCommand,
    ledgerCommand,
    verifyCommand,
    auditCommand,
    doctorCommand,
    backupCommand,
    restoreCommand,
    budgetCommand,
    linkCommand,
    psiCommand,
    benchCommand,
  ];
  for (const make of commands) root.addCommand(make(io));
  prepare(root, io);
  return root;
}

/** Commander must neither exit nor print by itself, in any command of the tree. */
function prepare(command: Command, io: Io): void {
  command.exitOverride().configureOutput({ writeOut: io.out, writeErr: io.err });
  for (const child of command.commands) {
    child.showHelpAfterError('(--help shows how to call it)');
    prepare(child, io);
  }
}

export async function runCli(argv: readonly string[], io: Io): Promise<number> {
  const json = argv.includes('--json');
  try {
    await program(io).parseAsync([...argv], { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof ExitWith) return error.code;
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.ok;
      // Commander has written what is wrong on stderr; a script still gets its object.
      const quiet = { ...io, err: () => {} };
      if (json) printRefusal(quiet, new Refusal('USAGE', error.code), true);
      return EXIT.usage;
    }
    const refusal = asRefusal(error);
    printRefusal(io, refusal, json);
    return exitCodeOf(refusal.code);
  }
}
