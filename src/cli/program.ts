/**
 * The command line as a function: arguments in, exit code out. `main.ts` is the process.
 * @module
 */
import { Command, CommanderError } from 'commander';
import { asRefusal, Refusal } from '../base/errors.ts';
import { EXIT, ExitWith, exitCodeOf } from './exit.ts';
import type { Io } from './io.ts';
import { printRefusal } from './output.ts';
import { version } from './version.ts';

const EXIT_CODES = `
Exit codes: 0 ok, 1 failure, 2 usage or input, 3 budget refused, 4 approval pending,
5 verification failed, 6 a holder is not reachable, 7 stopped.`;

/** In the order of the help. Each is a chunk of dist: a process reads the one that it is called for. */
const COMMANDS: Readonly<Record<string, () => Promise<(io: Io) => Command>>> = {
  demo: async () => (await import('./commands/demo.ts')).demoCommand,
  run: async () => (await import('./commands/run.ts')).runCommand,
  keygen: async () => (await import('./commands/keygen.ts')).keygenCommand,
  study: async () => (await import('./commands/study.ts')).studyCommand,
  sandbox: async () => (await import('./commands/sandbox.ts')).sandboxCommand,
  holder: async () => (await import('./commands/holder.ts')).holderCommand,
  cohort: async () => (await import('./commands/cohort.ts')).cohortCommand,
  columns: async () => (await import('./commands/columns.ts')).columnsCommand,
  image: async () => (await import('./commands/image.ts')).imageCommand,
  query: async () => (await import('./commands/query.ts')).queryCommand,
  ledger: async () => (await import('./commands/ledger.ts')).ledgerCommand,
  verify: async () => (await import('./commands/verify.ts')).verifyCommand,
  audit: async () => (await import('./commands/audit.ts')).auditCommand,
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand,
  backup: async () => (await import('./commands/backup.ts')).backupCommand,
  restore: async () => (await import('./commands/restore.ts')).restoreCommand,
  budget: async () => (await import('./commands/budget.ts')).budgetCommand,
  link: async () => (await import('./commands/link.ts')).linkCommand,
  psi: async () => (await import('./commands/psi.ts')).psiCommand,
  bench: async () => (await import('./commands/bench.ts')).benchCommand,
};

/** The tree of commands; only the one named by the `first` argument, where it names one. */
export async function program(io: Io, first = ''): Promise<Command> {
  const root = new Command('kakehashi')
    .description('Joint health-cohort queries between institutions that share no row.')
    .version(version())
    .addHelpText('after', EXIT_CODES)
    .showHelpAfterError('(--help shows how to call it)');
  const all = Object.entries(COMMANDS);
  const named = all.filter(([name]) => name === first);
  const read = (named.length > 0 ? named : all).map(([, load]) => load());
  for (const make of await Promise.all(read)) root.addCommand(make(io));
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
    const called = await program(io, argv[0]);
    await called.parseAsync([...argv], { from: 'user' });
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
