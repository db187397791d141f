/** Every command has help and --json, and a wrong call ends with exit code 2 and says why. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import type { Command } from 'commander';
import { describe, test } from 'vitest';
import { program } from '../../src/cli/program.ts';
import { cli } from '../support/captured-io.ts';

type Leaf = { readonly path: readonly string[]; readonly command: Command };

function leaves(command: Command, path: readonly string[] = []): Leaf[] {
  if (command.commands.length === 0) return [{ path, command }];
  return command.commands.flatMap((child) => leaves(child, [...path, child.name()]));
}

const never = (): Promise<never> => new Promise(() => {});
const tree = await program({
  out: () => {},
  err: () => {},
  lively: false,
  environment: {},
  stdin: never,
  inputClosed: never,
  interrupted: never,
});
const commands = leaves(tree);

test('the commands of the design are there', () => {
  const names = commands.map(({ path }) => path.join(' ')).sort();
  deepStrictEqual(names, [
    'audit export',
    'backup',
    'bench',
    'budget approve',
    'budget book',
    'budget export',
    'budget grant',
    'budget history',
    'budget settings',
    'budget show',
    'cohort check',
    'cohort delete',
    'cohort disclosed',
    'cohort load',
    'cohort uploads',
    'cohort withdraw',
    'columns delete',
    'columns list',
    'columns upload',
    'demo',
    'doctor',
    'holder',
    'image build',
    'image push',
    'image show',
    'image sign',
    'image test',
    'keygen',
    'ledger recover',
    'link',
    'psi',
    'query price',
    'query run',
    'query show',
    'restore',
    'run',
    'sandbox',
    'study accept',
    'study amend',
    'study draft',
    'study merge',
    'study show',
    'study sign',
    'study stop',
    'study submit',
    'study synth',
    'verify',
  ]);
});

describe.each(commands.map(({ path, command }) => [path.join(' '), path, command] as const))(
  'kakehashi %s',
  (name, path, command) => {
    test('--help is on stdout and ends with 0', async () => {
      const { code, out, err } = await cli([...path, '--help']);
      strictEqual(code, 0);
      strictEqual(err, '');
      ok(out.startsWith(`Usage: kakehashi ${name} `), out);
      ok(command.description().length > 10);
      match(out, /--json/);
    });

    test('an unknown option ends with 2; with --json the problem is on stdout', async () => {
      const plain = await cli([...path, '--no-such-option']);
      deepStrictEqual([plain.code, plain.out], [2, '']);
      match(plain.err, /^error: /);
      const { code, out } = await cli([...path, '--no-such-option', '--json']);
      strictEqual(code, 2);
      const { type, title, status } = JSON.parse(out) as Record<string, unknown>;
      deepStrictEqual([type, status], ['urn:kakehashi:problem:USAGE', 400]);
      strictEqual(title, 'The command was not called as its help says.');
    });
  },
);

test('help names the exit codes, --version the version', async () => {
  const help = await cli(['--help']);
  match(help.out, /3 budget refused, 4 approval pending,\n5 verification failed, 6 a holder/);
  const { code, out } = await cli(['--version']);
  strictEqual(code, 0);
  match(out, /^\d+\.\d+\.\d+\n$/);
});

test('no command, an unknown one and a missing argument end with 2', async () => {
  for (const argv of [[], ['study'], ['bogus'], ['keygen'], ['query', 'run', 'q.json'], ['run']]) {
    const { code, out, err } = await cli(argv);
    deepStrictEqual([code, out], [2, ''], argv.join(' '));
    ok(err.length > 0);
  }
});

test('values that are none', async () => {
  for (const argv of [
    ['demo', '--people', '0'],
    ['demo', '--people', '1e3'],
    ['run', '--holder', 'lu'],
    ['run', '--holder', '=x'],
    ['run', '--holder', 'lu=a', '--holder', 'lu=b'],
    ['study', 'stop', 'abc'],
    ['ledger', '--study', 'abc'],
  ]) {
    strictEqual((await cli([...argv, '--json'])).code, 2, argv.join(' '));
  }
});
