/** `kakehashi bench`: the benchmark runner, which is built beside this program but is no part of it. @module */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command } from 'commander';
import { check } from '../../base/errors.ts';
import { ExitWith } from '../exit.ts';
import type { Io } from '../io.ts';
import { jsonOption } from '../options.ts';
import { packageRoot } from '../version.ts';

type Runner = { main(argv: readonly string[]): Promise<number> };

const isRunner = (module: object): module is Runner =>
  'main' in module && typeof module.main === 'function';

type Flags = {
  readonly sizes?: string;
  readonly full?: boolean;
  readonly gate?: boolean;
  readonly json?: boolean;
  readonly out?: string;
  readonly profile?: boolean;
  readonly contender?: string;
};

export const benchCommand = (_io: Io): Command =>
  new Command('bench')
    .description('run benchmark cases and print what they measured')
    .argument('[case]', 'a case such as kernel/ntt, or the front of its name; default: all')
    .option('--sizes <list>', 'sizes to measure, separated by commas')
    .option('--full', 'also the sizes that take minutes each')
    .option('--gate', 'fail where a case is slower against its reference than it promises')
    .option('--out <file>', 'write everything measured for bench:publish and bench:compare')
    .option('--profile', 'measure nothing and say where the time of one case goes')
    .option('--contender <name>', 'the contender to profile; default: ours')
    .addOption(jsonOption())
    .action(async (name: string | undefined, flags: Flags) => {
      const { sizes, full, gate, json, out, profile, contender } = flags;
      const file = join(packageRoot(), 'dist', 'bench.js');
      check(existsSync(file), 'FILE_NOT_FOUND', file);
      const module = (await import(pathToFileURL(file).href)) as object;
      check(isRunner(module), 'INTERNAL', 'bench.js has no main');
      const code = await module.main([
        ...(name === undefined ? [] : [name]),
        ...(sizes === undefined ? [] : ['--sizes', sizes]),
        ...(full === true ? ['--full'] : []),
        ...(out === undefined ? [] : ['--out', out]),
        ...(gate === true ? ['--gate'] : []),
        ...(json === true ? ['--json'] : []),
        ...(profile === true ? ['--profile'] : []),
        ...(contender === undefined ? [] : ['--contender', contender]),
      ]);
      if (code !== 0) throw new ExitWith(code);
    });
