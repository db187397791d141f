/** `kakehashi link`: which rows of two tables on this machine are the same people. @module */
import { Command } from 'commander';
import { check } from '../../base/errors.ts';
import { systemRng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import type { PassReport } from '../../linkage/cascade.ts';
import { type Linked, linkRecords } from '../../linkage/link-tables.ts';
import { type IdPair, type Quality, quality } from '../../linkage/quality.ts';
import type { Io } from '../io.ts';
import { pairLines, readSpec, readTableFile, readTruth, writePairs } from '../link-files.ts';
import { jsonOption } from '../options.ts';
import { plain } from '../table.ts';

type Flags = {
  readonly left: string;
  readonly right: string;
  readonly spec: string;
  readonly truth?: string;
  readonly out?: string;
  readonly json?: boolean;
};

const HELP = `
Exact and local: both files are on this machine, nothing is sent, nothing is noised, and the result
says who is in both. It is for preparing and checking a linkage; between institutions the same keys
are compared without showing them.

The specification is JSON, kakehashi/linkage/1: for each table the columns that are id, family,
given, name, birth, sex, matricule, identifier, postcode, place, street, number, and its encoding
(utf-8, shift_jis, ...); "passes", each a list of elements that must agree (a column, or family.sound,
given.sound, name.sound, name.initials, birth.yearMonth, birth.yearDay, birth.monthDay,
birth.missingLeft, birth.missingRight; name is family and given in any order), or none for a choice
by the columns; "match": one-to-one, one-to-many (one on the left) or all.

Names are compared across scripts, spellings and diacritics, dates also from Japanese eras. Names in
kanji are refused: a reading in kana is needed. So are Japanese Individual Numbers (My Number).`;

/** Above this many pairs the answer is a file. */
const MOST_SHOWN = 100_000;

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

const passLine = ({ pass, found, expectedByChance, used }: PassReport): string =>
  `  ${pass.join(' + ')}: ${found} found, ${expectedByChance.toFixed(2)} expected by chance` +
  (used ? '' : ', not used');

const qualityLine = ({ precision, recall, f1 }: Quality): string =>
  `precision ${percent(precision)}, recall ${percent(recall)}, F1 ${percent(f1)}`;

type Measured = {
  readonly linked: Linked;
  readonly pairs: readonly IdPair[];
  readonly seconds: number;
  readonly quality: Quality | undefined;
};

async function link(io: Io, flags: Flags): Promise<Measured> {
  const spec = await readSpec(io, flags.spec);
  const left = await readTableFile(flags.left, spec.left, 'left');
  const right = await readTableFile(flags.right, spec.right, 'right');
  const truth = flags.truth === undefined ? undefined : await readTruth(flags.truth);
  // Keys live as long as this call; a study's secret is for keys that leave it.
  using secret = new Secret('keys of one linkage', systemRng(32));
  const start = performance.now();
  const linked = linkRecords(left, right, spec, secret);
  const seconds = (performance.now() - start) / 1000;
  const pairs = linked.pairs.map(([a, b]): IdPair => [left.ids[a] ?? '', right.ids[b] ?? '']);
  return {
    linked,
    pairs,
    seconds,
    quality: truth === undefined ? undefined : quality(pairs, truth),
  };
}

function jsonAnswer({ linked, pairs, seconds, quality: good }: Measured, out?: string): object {
  return {
    protocol: 'local',
    output: 'set',
    matches: out === undefined ? linked.pairs : { file: out, count: pairs.length },
    seconds,
    bytes: 0,
    passes: linked.passes,
    ...(good === undefined ? {} : { precision: good.precision, recall: good.recall, f1: good.f1 }),
  };
}

/** What was done, for the person at the terminal; the pairs themselves go to stdout or a file. */
function summary({ linked, pairs, seconds, quality: good }: Measured): string[] {
  const { left, right, passes } = linked;
  return [
    `${pairs.length} pairs of ${left.ids.length} and ${right.ids.length} rows in ${seconds.toFixed(2)} s`,
    ...passes.map(passLine),
    ...(good === undefined ? [] : [qualityLine(good)]),
  ];
}

export const linkCommand = (io: Io): Command =>
  new Command('link')
    .description('find the same people in two tables on this machine')
    .requiredOption('--left <csv>', 'a table')
    .requiredOption('--right <csv>', 'the other table')
    .requiredOption('--spec <json>', 'which column is what, - for standard input')
    .option('--truth <csv>', 'pairs that are right (header left,right), to measure against')
    .option('--out <file>', 'write the pairs of identifiers to a new file')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async (flags: Flags) => {
      const measured = await link(io, flags);
      const { pairs } = measured;
      const { out, json = false } = flags;
      check(
        out !== undefined || pairs.length <= MOST_SHOWN,
        'USAGE',
        `${pairs.length} pairs: --out is needed above ${MOST_SHOWN}`,
      );
      if (out !== undefined) await writePairs(pairs, out);
      if (json) {
        io.out(`${JSON.stringify(jsonAnswer(measured, out))}\n`);
        return;
      }
      io.err(
        summary(measured)
          .map((line) => `${plain(line)}\n`)
          .join(''),
      );
      if (out === undefined) io.out([...pairLines(pairs)].join(''));
    });
