/** `kakehashi image test`: an image over synthetic rows of a study, with everything that came out. @module */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { compileQuery } from '../../cohort/compile.ts';
import type { Plan } from '../../cohort/plan.ts';
import { syntheticRows } from '../../cohort/synthetic-rows.ts';
import type { Tried } from '../../engine/images/try-image.ts';
import type { Image } from '../../image/layout.ts';
import { readImageFile } from '../image-file.ts';
import type { Io } from '../io.ts';
import { integerOption, jsonOption } from '../options.ts';
import { printAnswer } from '../output.ts';
import { type HolderSection, readHolderSection } from '../study-cohort.ts';
import { factLines, tableLines } from '../table.ts';

type Flags = {
  readonly study: string;
  readonly rows?: number;
  readonly file?: string;
  readonly blocks: number;
  readonly holder?: string;
  readonly seed: string;
  readonly boundary: 'bubblewrap' | 'process';
  readonly json?: boolean;
};

const RUNNER = fileURLToPath(new URL('image-runner.js', import.meta.url));

const HELP = `
Runs the image as a holder would, behind the same walls, over rows drawn from the study's public schema or
over the CSV file that you give, which must be synthetic: what comes out is printed without noise.`;

const MOST_ROWS = 1000;

/** Plans name a study; a trial has none. */
const NO_STUDY = '0'.repeat(64);

function planOf(image: Image, { section }: HolderSection, { blocks, boundary }: Flags): Plan {
  const { digest, declaration } = image;
  const terms = {
    study: NO_STUDY,
    holders: Object.keys(section.declaredSize),
    honestHolders: 1,
    cohort: section,
    operations: ['image'],
    minimumCell: 0,
    images: [{ digest, boundary, declaration }],
  };
  const asked = declaration.mode === 'block' ? { digest, blocks } : { digest };
  const measures = [{ name: 'image', image: asked }];
  return compileQuery(terms, { format: 'kakehashi/query/1', measures, rho: '1/100' });
}

function lines({ declaration }: Image, tried: Tried, plan: Plan): string[] {
  const rows = tried.fields.map((field, i) => [
    declaration.fields[i]?.name ?? '',
    field === null ? '' : String(field.min),
    field === null ? '' : String(Math.round(field.mean * 100) / 100),
    field === null ? '' : String(field.max),
  ]);
  return [
    ...factLines([
      ['calls', String(tried.calls)],
      ['failed', `${tried.failed} (they count as the default)`],
      ['fuel', `${tried.fuel} units of ${declaration.fuel}, in the call that took most`],
      ['time', `${tried.seconds.toFixed(2)} s`],
      ['a holder answers after', `${plan.deadlineSeconds} s`],
    ]),
    '',
    ...tableLines(
      ['field', 'smallest', 'mean', 'largest'].map((title) => ({ title })),
      rows,
    ),
  ];
}

export const imageTestCommand = (io: Io): Command =>
  new Command('test')
    .description('run an image over synthetic rows and show what it answers')
    .argument('<file>', 'an archive')
    .requiredOption('--study <file>', 'a study draft whose columns it reads')
    .addOption(
      integerOption(
        '--rows <n>',
        'synthetic rows (default 1000, or all that the study declares)',
        1,
      ),
    )
    .option('--file <csv>', 'synthetic rows of your own instead')
    .addOption(integerOption('--blocks <n>', 'blocks of people', 8).default(16))
    .option('--holder <name>', 'whose column names and units, where the study has several holders')
    .option('--seed <text>', 'other rows for another seed', 'kakehashi')
    .addOption(
      new Option('--boundary <name>', 'walls around it')
        .choices(['bubblewrap', 'process'])
        .default('bubblewrap'),
    )
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async (file: string, flags: Flags) => {
      const image = await readImageFile(io, file);
      const own = await readHolderSection(io, flags.study, flags.holder);
      const plan = planOf(image, own, flags);
      const directory = await mkdtemp(join(tmpdir(), 'kakehashi-image-'));
      try {
        const declared = own.section.declaredSize[own.holder] ?? MOST_ROWS;
        const rows = flags.rows ?? Math.min(MOST_ROWS, declared);
        const csv = flags.file ?? join(directory, 'rows.csv');
        if (flags.file === undefined) {
          await writeFile(csv, [...syntheticRows({ ...own, rows, seed: flags.seed })]);
        }
        const trial = {
          plan,
          module: image.module,
          files: [csv],
          ...own,
          runner: RUNNER,
          directory,
        };
        // Loads DuckDB, which no other command about images needs.
        const { tryImage } = await import('../../engine/images/try-image.ts');
        const tried = await tryImage(trial);
        const json = {
          ...tried,
          fields: tried.fields.map((field, i) => ({
            name: image.declaration.fields[i]?.name ?? '',
            ...(field !== null && { ...field, min: Number(field.min), max: Number(field.max) }),
          })),
          deadlineSeconds: plan.deadlineSeconds,
        };
        printAnswer(io, { json, lines: lines(image, tried, plan) }, flags.json === true);
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    });
